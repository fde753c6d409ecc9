package twenty

import "github.com/afba07b5/mockserver/fake"

func (t *api) metadataOps() fake.Ops {
	ops := fake.Ops{}
	for _, id := range []string{"listObjects", "createObject", "getObject", "updateObject", "replaceObject", "deleteObject", "listFields", "createField", "getField", "updateField", "replaceField", "deleteField", "listWebhooks", "createWebhook", "getWebhook", "updateWebhook", "deleteWebhook", "listApiKeys", "createApiKey", "getApiKey", "updateApiKey", "deleteApiKey", "describeRecords", "describeMetadata"} {
		ops[id] = func(*fake.Request) (any, error) { return nil, refuse(501, "metadata is not built yet") }
	}
	return ops
}

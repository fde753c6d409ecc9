package twenty

import "github.com/afba07b5/mockserver/fake"

// recordOps refuses all record operations until package record answers them.
func (t *api) recordOps() fake.Ops {
	ops := fake.Ops{}
	for _, id := range []string{"listRecords", "createRecord", "updateRecords", "replaceRecords", "deleteRecords", "getRecord",
		"createRecordAt", "updateRecord", "replaceRecord", "deleteRecord", "createRecords", "findDuplicates", "mergeRecords",
		"groupRecords", "restoreRecords", "restoreRecordsNewer", "restoreRecord"} {
		ops[id] = func(*fake.Request) (any, error) { return nil, refuse(501, "records are not built yet") }
	}
	return ops
}

package twenty

import "github.com/afba07b5/mockserver/fake"

func (t *api) describeRecords(*fake.Request) (any, error)  { return nil, refuse(501, "not built yet") }
func (t *api) describeMetadata(*fake.Request) (any, error) { return nil, refuse(501, "not built yet") }

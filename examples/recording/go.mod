module example.com/users

go 1.26.0

require (
	github.com/afba07b5/mockserver v0.1.0
	gopkg.in/dnaeon/go-vcr.v4 v4.0.8
)

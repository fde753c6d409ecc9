module example.com/grades

go 1.26.0

require github.com/afba07b5/mockserver v0.1.0

package desk

import (
	"github.com/google/uuid"

	"holdfast/backend/record"
)

// Repository is the kind of the one record that holds the branch table of the configuration repository.
const Repository = "repository"

// Names of the repository record's fields.
const (
	FieldMain = "main" // the published commit, in hexadecimal
)

// RepositoryID is the id of that record, the same in every cluster.
var RepositoryID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("holdfast:repository:configuration"))

func repositoryKinds() []record.Kind {
	return []record.Kind{{
		Name: Repository, Label: "Configuration", Shared: true, Title: "title",
		Fields: []record.Definition{
			{Name: "title", Label: "Name", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldMain, Label: "Published version", Rule: record.RuleRegister, Type: record.TypeText, Claimable: true},
			{Name: "packs", Label: "Publications", Rule: record.RuleList, Type: record.TypeEntry},
		},
	}}
}

package desk

import (
	"slices"

	"holdfast/backend/catalog"
	"holdfast/backend/continuity"
	"holdfast/backend/knowledge"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// Kinds is the list of all kinds of records. A new area adds its line here.
func Kinds() record.Catalogue {
	return slices.Concat(
		people.Kinds(),
		ticket.Kinds(),
		catalog.Kinds(),
		knowledge.Kinds(),
		repositoryKinds(),
		continuity.Kinds(),
	)
}

// Package continuity defines what a cluster keeps of itself so that it can be begun anew when most of it is lost.
package continuity

import (
	"github.com/google/uuid"

	"holdfast/backend/record"
)

// Cluster is the kind of the one record that says how the cluster is recovered.
const Cluster = "cluster"

// Names of the fields.
const (
	FieldTitle     = "title"
	FieldAuthority = "authority" // the cluster's authority, encrypted to the recovery key, in base64
	FieldRecipient = "recipient" // what backups are encrypted to, for whoever has the recovery key, in base64
)

// ClusterID is the id of that record, the same in every cluster.
var ClusterID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("holdfast:cluster"))

// Kinds gives the definitions of this area.
func Kinds() []record.Kind {
	return []record.Kind{{
		Name: Cluster, Label: "Cluster", Shared: true, Title: FieldTitle,
		Fields: []record.Definition{
			{Name: FieldTitle, Label: "Name", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldAuthority, Label: "Sealed authority", Rule: record.RuleRegister, Type: record.TypeText},
			{Name: FieldRecipient, Label: "Recipient of backups", Rule: record.RuleRegister, Type: record.TypeText},
		},
	}}
}

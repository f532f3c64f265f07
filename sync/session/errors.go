package session

import "holdfast/backend/core/fault"

// The codes that end a session. They travel in Goodbye.
const (
	CodeDone             fault.Code = "done"               // closed in good order
	CodeViolation        fault.Code = "protocol_violation" // the peer broke the rules of the conversation
	CodeProtocol         fault.Code = "no_common_protocol" // one of the two programs is too old for the other
	CodeSameDevice       fault.Code = "same_device"        // both sides are one device
	CodeWrongDevice      fault.Code = "wrong_device"       // the peer is not whom its certificate names
	CodeOtherCluster     fault.Code = "other_cluster"      // the peer belongs to another organisation's cluster
	CodeGenerationBehind fault.Code = "generation_behind"  // the two replicas have commits of different generations
	CodeHistoryDiffers   fault.Code = "history_differs"    // same generation and commit number, other history
	CodeFailure          fault.Code = "peer_failed"        // something failed inside the side that ended the session
)

// sentences are what people are told for each code, whichever side noticed.
var sentences = map[fault.Code]string{
	CodeDone:             "The exchange is finished.",
	CodeViolation:        "The other device sent something that does not fit the conversation. The exchange was stopped; nothing was changed by it.",
	CodeProtocol:         "The two devices run versions of Holdfast that are too far apart to talk. Update the older one.",
	CodeSameDevice:       "This device reached itself. Check the address of the other device.",
	CodeWrongDevice:      "The other device is not the one that its certificate names. Nothing was exchanged.",
	CodeOtherCluster:     "The other device belongs to another organisation's cluster. Nothing was exchanged.",
	CodeGenerationBehind: "The cluster was recovered since one of the two devices last took part. That device has to catch up with a node first.",
	CodeHistoryDiffers:   "The two devices hold different committed histories. Nothing was exchanged; an administrator should compare both with a node.",
	CodeFailure:          "The other device could not go on. Nothing was lost; the exchange is tried again.",
}

func ending(code fault.Code, op string) error { return fault.New(code, op, sentences[code]) }

// violation is the fault of a peer that breaks the rules; what names the rule, for engineers.
func violation(op, what string) error {
	return &fault.Fault{Code: CodeViolation, Op: op, Sentence: sentences[CodeViolation], Err: fault.New(fault.Invalid, op, what)}
}

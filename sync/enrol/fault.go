package enrol

import (
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
)

// Codes of this package.
const (
	NotAnInvite        fault.Code = "not_an_invite"       // the text is something else
	InviteDamaged      fault.Code = "invite_damaged"      // mistyped or cut off
	InviteUnknown      fault.Code = "invite_unknown"      // never issued here, withdrawn, or its secret is wrong
	InviteExpired      fault.Code = "invite_expired"      // its time is over
	InviteUsed         fault.Code = "invite_used"         // it admitted another device
	NotEnrolled        fault.Code = "not_enrolled"        // no certificate of this cluster's authority
	OtherCluster       fault.Code = "other_cluster"       // a Holdfast device of another cluster
	WrongAuthority     fault.Code = "wrong_authority"     // who answered is not whom the invite names
	DeviceRevoked      fault.Code = "device_revoked"      // the device was shut out of the cluster
	WipeAsked          fault.Code = "wipe_asked"          // the device was shut out and is to remove its data
	CertificateExpired fault.Code = "certificate_expired" // renew it at a node
)

const timeForPeople = "2 January 2006, 15:04 UTC"

func forPeople(t time.Time) string { return t.UTC().Format(timeForPeople) }

// CompareClocks gives a fault.ClockSkewed when two clocks are further apart than limit.ClockSkewMax. Which of them is wrong only a
// person can say, so the sentence names both.
func CompareClocks(mine, theirs time.Time) error {
	if apart := theirs.Sub(mine).Abs(); apart <= limit.ClockSkewMax {
		return nil
	}
	return fault.Newf(fault.ClockSkewed, "enrol.CompareClocks",
		"This device's clock says %s, the other side's says %s. Set the wrong one right, then try again; nothing was lost.", forPeople(mine), forPeople(theirs))
}

package program

import (
	"context"
	"time"

	"holdfast/sync/enrol"
)

// renewalTick is how often a device looks whether its certificate is to be renewed, renewalAgain how long it waits after an attempt in vain;
// renewalTime bounds one attempt.
const (
	renewalTick  = time.Hour
	renewalAgain = 5 * time.Minute
	renewalTime  = time.Minute
)

// keepRenewed renews this device's certificate while it runs: the next connection shows the new one, nothing restarts.
func (sh *sharing) keepRenewed(life context.Context) {
	for {
		wait := renewalTick
		if sh.site.trust.RenewalDue(sh.site.program.config.Wall()) {
			if err := sh.renew(life); err != nil && life.Err() == nil {
				sh.site.program.config.Log.Warn("the certificate of this device could not be renewed yet", "error", err)
				wait = renewalAgain
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-life.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// renew asks the nodes that this device knows, itself among them, for a new certificate.
func (sh *sharing) renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, renewalTime)
	defer cancel()
	config, trust := sh.site.program.config, sh.site.trust
	var addresses []string
	for _, peer := range sh.introductions() {
		if peer.Role == enrol.Node {
			addresses = append(addresses, peer.Addresses...)
		}
	}
	renewed, err := enrol.Applicant{
		Device: trust.Device(), Name: trust.Identity().Name, Addresses: sh.addresses(), Hosts: []string{"localhost", "127.0.0.1"},
		Wall: config.Wall, Random: config.Random,
	}.Renew(ctx, trust.Membership(), addresses)
	if err != nil {
		return err
	}
	if err := enrol.SaveMembership(sh.site.program.path("device", "membership.json"), renewed.Membership); err != nil {
		return err
	}
	return trust.Replace(renewed.Membership)
}

package program

import (
	"context"
	"net"
	"strconv"

	"holdfast/sync/nearby"
)

// keepNearby looks for devices of the site on the local network for as long as the settings let it: it asks while no node is reached, and answers those who ask.
func (sh *sharing) keepNearby(life context.Context) {
	p := sh.site.program
	moves, done := sh.syncer.Changes()
	defer done()
	chosen, forget := p.prefs.Changes()
	defer forget()
	var running *nearby.Nearby
	stop := func() {
		if running != nil {
			sh.try(life, "looking for devices nearby did not end in good order", running.Close())
			running = nil
		}
	}
	defer stop()
	for tried := false; ; {
		switch on := p.prefs.Get().Nearby; {
		case !on:
			stop()
			tried = false
		case !tried:
			var err error
			running, err = sh.lookNearby()
			sh.try(life, "devices nearby are not looked for", err)
			tried = true
		}
		if running != nil {
			running.Look(sh.syncer.Alone())
		}
		select {
		case <-life.Done():
			return
		case <-moves:
		case <-chosen:
		}
	}
}

// lookNearby announces this device on the interfaces where it listens.
func (sh *sharing) lookNearby() (*nearby.Nearby, error) {
	c := sh.site.program.config
	host, port, err := net.SplitHostPort(sh.place.Listen)
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	return nearby.New(nearby.Config{
		Authority: sh.site.trust.Membership().Authority, Sites: sh.site.trust.Identity().Sites, Port: uint16(number),
		Interfaces: func() ([]nearby.Interface, error) { return nearby.Interfaces(host) },
		Found:      sh.syncer.Sight, Random: c.Random, Log: c.Log,
	})
}

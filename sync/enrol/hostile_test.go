package enrol_test

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"testing"
	"time"

	"holdfast/backend/core/limit"
	"holdfast/sync/enrol"
)

// enrolling is a connection of somebody who may be anybody, with the issuer's greeting read.
func enrolling(t *testing.T, o *office) net.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", o.address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{enrol.Protocol}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, binary.BigEndian.Uint32(length[:]))); err != nil {
		t.Fatal(err)
	}
	return conn
}

// cutOff waits until the issuer has ended a connection.
func cutOff(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection was left open")
	}
}

// Whoever begins an enrolment and never goes on, or goes on byte by byte, is cut off, and meanwhile others join.
func TestASlowEnrolmentIsCutOff(t *testing.T) {
	o := openOffice(t, func(c *enrol.IssuerConfig) { c.Time = 300 * time.Millisecond })
	silent, slow := enrolling(t, o), enrolling(t, o)
	if _, err := slow.Write(binary.BigEndian.AppendUint32(nil, limit.EnrolmentBytesMax)); err != nil {
		t.Fatal(err)
	}
	dripping := make(chan struct{})
	go func() {
		defer close(dripping)
		drop := time.NewTicker(10 * time.Millisecond)
		defer drop.Stop()
		for range drop.C {
			if _, err := slow.Write([]byte{0}); err != nil {
				return // it was cut off
			}
		}
	}()
	cutOff(t, silent)
	cutOff(t, slow)
	slow.Close()
	<-dripping
}

// What a stranger announces beyond an enrolment's size ends the connection at once; what it announces within it and does not send costs no more than that.
func TestAnEnrolmentThatLiesAboutItsSizeCostsLittle(t *testing.T) {
	o := openOffice(t, nil)
	const rounds = 50
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for round := range rounds {
		conn := enrolling(t, o)
		announced := uint32(limit.EnrolmentBytesMax)
		if round%2 == 0 {
			announced = 1<<32 - 1
		}
		if _, err := conn.Write(binary.BigEndian.AppendUint32(nil, announced)); err != nil {
			t.Fatal(err)
		}
		if round%2 != 0 {
			conn.(*tls.Conn).CloseWrite()
		}
		cutOff(t, conn)
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / rounds; each > 4*limit.EnrolmentBytesMax {
		t.Errorf("each of them cost %d bytes", each)
	}
	if len(o.admitted) != 0 {
		t.Error("somebody was admitted")
	}
	if _, err := o.applicant(t).Join(t.Context(), o.invite(t, enrol.Desktop)); err != nil {
		t.Errorf("after them nobody can join: %v", err)
	}
}

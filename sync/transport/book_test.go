package transport_test

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"holdfast/backend/core/fault"
	"holdfast/backend/core/limit"
	"holdfast/backend/record"
	"holdfast/sync/transport"
)

func TestBookPutsWhatWorkedFirst(t *testing.T) {
	book, device, start := transport.NewBook(), record.DeviceID{1}, time.Unix(1_795_000_000, 0)
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	book.Heard(device, at(0), "10.0.0.1:7", "10.0.0.2:7", "not an address", "")
	book.Reached(device, at(1), "10.0.0.2:7")
	book.Heard(device, at(9), "10.0.0.3:7", "10.0.0.2:7")
	want := []string{"10.0.0.2:7", "10.0.0.3:7", "10.0.0.1:7"}
	if got := book.Addresses(device); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	book.Reached(device, at(10), "10.0.0.1:7")
	raw, err := book.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := transport.OpenBook(raw)
	if err != nil {
		t.Fatal(err)
	}
	want = []string{"10.0.0.1:7", "10.0.0.2:7", "10.0.0.3:7"}
	if got := again.Addresses(device); !slices.Equal(got, want) {
		t.Fatalf("after reopening %v, want %v", got, want)
	}
	if raw2, err := again.Encode(); err != nil || !bytes.Equal(raw, raw2) {
		t.Fatalf("the same content gives other bytes: %v", err)
	}
	again.Forget(device)
	if len(again.Addresses(device))+len(again.Devices()) != 0 {
		t.Fatal("a forgotten device is still known")
	}
	if _, err := transport.OpenBook([]byte("damaged")); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("damaged book: %v", err)
	}
}

func TestBookIsBounded(t *testing.T) {
	book, device := transport.NewBook(), record.DeviceID{1}
	now := time.Unix(1_795_000_000, 0)
	book.Reached(device, now, "10.0.0.1:1")
	for i := range 100 {
		book.Heard(device, now.Add(time.Hour), fmt.Sprintf("10.0.1.%d:1", i))
	}
	got := book.Addresses(device)
	if len(got) != limit.AddressesMax || got[0] != "10.0.0.1:1" {
		t.Fatalf("kept %v", got)
	}
}

func TestReachable(t *testing.T) {
	for _, fixed := range []string{"127.0.0.1:4000", "node.example:4000", "[::1]:4000"} {
		if got, err := transport.Reachable(fixed); err != nil || !slices.Equal(got, []string{fixed}) {
			t.Errorf("%s: %v, %v", fixed, got, err)
		}
	}
	for _, any := range []string{":4000", "0.0.0.0:4000", "[::]:4000"} {
		got, err := transport.Reachable(any)
		if err != nil || len(got) == 0 {
			t.Errorf("%s: %v, %v", any, got, err)
		}
		for _, address := range got {
			if host, port, err := net.SplitHostPort(address); err != nil || port != "4000" || net.ParseIP(host).IsUnspecified() {
				t.Errorf("%s: %s", any, address)
			}
		}
	}
	if _, err := transport.Reachable("nonsense"); !fault.Is(err, fault.Invalid) {
		t.Errorf("nonsense: %v", err)
	}
}

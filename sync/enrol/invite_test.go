package enrol_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"holdfast/backend/core/fault"
	"holdfast/sync/enrol"
)

func anInvite() enrol.Invite {
	return enrol.Invite{
		Cluster: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), ClusterName: "Loire hospitals", Site: "LYO", Role: enrol.Desktop,
		Addresses: []string{"192.168.1.20:7400", "node1.example:7400"}, Authority: enrol.Fingerprint{1, 2, 3},
		Secret: enrol.Secret{4, 5, 6}, Expires: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
	}
}

func textOf(t testing.TB, i enrol.Invite) string {
	t.Helper()
	text, err := i.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func equal(a, b enrol.Invite) bool {
	return a.Cluster == b.Cluster && a.ClusterName == b.ClusterName && a.Site == b.Site && a.Role == b.Role && a.Person == b.Person &&
		strings.Join(a.Addresses, " ") == strings.Join(b.Addresses, " ") && a.Authority == b.Authority && a.Secret == b.Secret && a.Expires.Equal(b.Expires)
}

func TestInviteSurvivesTheWayItIsPassedOn(t *testing.T) {
	want := anInvite()
	text := textOf(t, want)
	if !strings.HasPrefix(text, "HF1-") || len(text) > 450 {
		t.Errorf("text of %d letters: %s", len(text), text)
	}
	letters := strings.NewReplacer("0", "O", "1", "l")
	for name, passed := range map[string]string{
		"as it is": text, "lower case": strings.ToLower(text), "without dashes": strings.ReplaceAll(text, "-", ""),
		"wrapped by mail": strings.ReplaceAll(text, "-", "-\r\n  "), "with spaces around": "\t " + text + " \n",
		"read as letters": "HF1" + letters.Replace(text[3:]),
	} {
		if got, err := enrol.ParseInvite(passed); err != nil || !equal(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInvitesOfAnyContent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := anInvite()
		copy(i.Secret[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "secret"))
		i.ClusterName = rapid.StringN(0, 16, 64).Draw(t, "name")
		i.Addresses = rapid.SliceOfN(rapid.StringMatching(`[a-z0-9.]{1,60}:[0-9]{1,5}`), 1, 8).Draw(t, "addresses")
		if rapid.Bool().Draw(t, "person") {
			i.Person = uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8058")
		}
		text, err := i.Text()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := enrol.ParseInvite(text); err != nil || !equal(got, i) {
			t.Fatalf("%+v became %+v: %v", i, got, err)
		}
		if _, err := i.QR(); err != nil {
			t.Fatal(err)
		}
	})
}

// Any single mistyped letter, missing letter or swapped pair is called a typing error, nothing else.
func TestTypingErrorsAreFound(t *testing.T) {
	text := textOf(t, anInvite())
	want, err := enrol.ParseInvite(text)
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(what string) {
		t.Helper()
		got, err := enrol.ParseInvite(what)
		if err == nil && !equal(got, want) {
			t.Fatalf("%q was read as another invite", what)
		}
		if err != nil && !fault.Is(err, enrol.InviteDamaged) {
			t.Fatalf("%q: %v", what, err)
		}
	}
	for at := 4; at < len(text); at++ {
		damaged(text[:at] + text[at+1:])
		damaged(text[:at])
		for _, letter := range "07AKZ#U" {
			damaged(text[:at] + string(letter) + text[at+1:])
		}
		if at+1 < len(text) {
			damaged(text[:at] + text[at+1:at+2] + text[at:at+1] + text[at+2:])
		}
	}
}

func TestWrongTextsAreNotInvites(t *testing.T) {
	text := textOf(t, anInvite())
	for _, c := range []struct {
		text string
		want fault.Code
	}{
		{"", enrol.NotAnInvite}, {"hello", enrol.NotAnInvite}, {"https://example.org/HF1-AAAA", enrol.NotAnInvite},
		{strings.Repeat("HF1-", 5000), enrol.NotAnInvite}, {"HF", enrol.NotAnInvite}, {"HF2-" + text[4:], fault.NewerFormat},
		{"HF1-", enrol.InviteDamaged}, {"HF1-AAAAA", enrol.InviteDamaged}, {text + text[4:], enrol.InviteDamaged},
	} {
		if _, err := enrol.ParseInvite(c.text); !fault.Is(err, c.want) {
			t.Errorf("%.20q: %v, want %s", c.text, err, c.want)
		}
	}
}

func TestInviteExpiresOnItsSecond(t *testing.T) {
	i := anInvite()
	if err := i.ExpiredAt(i.Expires.Add(-time.Second)); err != nil {
		t.Errorf("a second before: %v", err)
	}
	err := i.ExpiredAt(i.Expires)
	if !fault.Is(err, enrol.InviteExpired) || !strings.Contains(fault.SentenceOf(err), "22 November 2026, 08:00 UTC") {
		t.Errorf("on the second: %v", err)
	}
}

func TestInviteAsAPicture(t *testing.T) {
	raw, err := anInvite().QR()
	if err != nil {
		t.Fatal(err)
	}
	if picture, err := png.Decode(bytes.NewReader(raw)); err != nil || picture.Bounds().Dx() < 100 {
		t.Fatal(err)
	}
}

func FuzzParseInvite(f *testing.F) {
	f.Add(textOf(f, anInvite()))
	f.Add("HF1-00000-00000")
	f.Add("HF2-")
	f.Add("hf1 oil")
	f.Fuzz(func(t *testing.T, text string) {
		invite, err := enrol.ParseInvite(text)
		if err != nil {
			return
		}
		again, err := enrol.ParseInvite(textOf(t, invite))
		if err != nil || !equal(invite, again) {
			t.Fatalf("%+v became %+v: %v", invite, again, err)
		}
	})
}

package attachment

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backend/core/limit"
	"holdfast/backend/record"
)

func TestNamesAreHarmless(t *testing.T) {
	for given, want := range map[string]string{
		"photo.png":                       "photo.png",
		"Prüfbericht März.pdf":            "Prüfbericht März.pdf",
		"../../etc/passwd":                "passwd",
		`files\\ana\\report.docx`:         "report.docx",
		"/":                               "file",
		"":                                "file",
		"..":                              "file",
		"...":                             "file",
		"a\x00b\r\n.txt":                  "ab.txt",
		"invoice\u202Efdp.exe":            "invoicefdp.exe",
		"NUL.txt":                         "_NUL.txt",
		"com1":                            "_com1",
		"comic.cbz":                       "comic.cbz",
		`who"is<this>.txt`:                "who_is_this_.txt",
		"trailing. . ":                    "trailing",
		"\xff\xfebad.bin":                 "bad.bin",
		strings.Repeat("x", 400) + ".tar": strings.Repeat("x", limit.FileNameBytesMax-4) + ".tar",
	} {
		if got := Name(given); got != want {
			t.Errorf("%q becomes %q, want %q", given, got, want)
		}
	}
}

func TestAHarmlessNameStaysAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := Name(rapid.String().Draw(t, "given"))
		if name == "" || len(name) > limit.FileNameBytesMax || strings.ContainsAny(name, "/\\\x00\n\"") || Name(name) != name {
			t.Fatalf("%q becomes %q", name, Name(name))
		}
	})
}

func TestTypesThatCouldRunAreHandedOutAsBytes(t *testing.T) {
	for _, media := range []string{"text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "text/javascript", "application/ecmascript", "message/rfc822", "multipart/related"} {
		if Served(media) != Anything || Picture(media) {
			t.Errorf("%s is handed out as %s", media, Served(media))
		}
	}
	for _, media := range []string{"image/png", "application/pdf", "text/plain", "application/zip"} {
		if Served(media) != media {
			t.Errorf("%s is handed out as %s", media, Served(media))
		}
	}
	for given, want := range map[string]string{"IMAGE/PNG; q=1": "image/png", "": Anything, "png": Anything, "a/b\r\nX: y": Anything, "/x": Anything} {
		if got := Media(given); got != want {
			t.Errorf("%q is %q, want %q", given, got, want)
		}
	}
}

func TestWhatIsStoredIsReadAgain(t *testing.T) {
	f := File{Blob: record.Hash{1, 2, 3}, Name: "photo.png", Size: 8 << 20, Media: "image/png"}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	if got, ok := Read(f.Value()); !ok || got != f {
		t.Errorf("got %+v, %v", got, ok)
	}
}

func TestWhatAPeerMadeUpIsNoFile(t *testing.T) {
	for name, value := range map[string]record.Value{
		"nothing":    nil,
		"a text":     record.Text("photo.png"),
		"no blob":    record.Named(map[string]record.Value{"name": record.Text("x"), "size": record.Integer(3)}),
		"short blob": record.Named(map[string]record.Value{"blob": record.Bytes([]byte{1}), "name": record.Text("x"), "size": record.Integer(3)}),
		"too large":  (&File{Name: "x", Size: limit.BlobBytesMax + 1}).Value(),
		"negative":   (&File{Name: "x", Size: -1}).Value(),
	} {
		if f, ok := Read(value); ok {
			t.Errorf("%s is read as %+v", name, f)
		}
	}
	f, ok := Read((&File{Name: "../../.ssh/authorized_keys", Media: "text/html\r\nSet-Cookie: x"}).Value())
	if !ok || f.Name != "authorized_keys" || f.Media != Anything {
		t.Errorf("a peer's words are believed: %+v", f)
	}
}

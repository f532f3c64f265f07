package program

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"holdfast/app/api"
	"holdfast/backend/core/limit"
	"holdfast/backend/desk"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// ask calls the API of a program and gives the answer.
func ask(t *testing.T, p *Program, method, path string, in any, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(method, api.Base+path, bytes.NewReader(raw))
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	p.Handler().ServeHTTP(answer, request)
	return answer
}

func asked[T any](t *testing.T, p *Program, method, path string, in any) T {
	t.Helper()
	answer := ask(t, p, method, path, in)
	var value T
	if answer.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// newTicket makes a ticket that is agreed.
func newTicket(t *testing.T, p *Program) string { return report(t, p).String() }

// attach hands a file in, in pieces, and hangs it on a record. It gives the files of the record.
func attach(t *testing.T, p *Program, id, name, media string, content []byte) (path string, all api.Attachments) {
	t.Helper()
	path = "/records/" + id + "/attachments/" + uuid.NewString()
	wish := map[string]any{"name": name, "size": len(content), "media": media}
	upload := asked[api.Upload](t, p, http.MethodPut, path+"/upload", wish)
	for at := upload.Received; at < int64(len(content)); at = upload.Received {
		upload = asked[api.Upload](t, p, http.MethodPut, path+"/bytes", map[string]any{"offset": at, "data": content[at:min(at+limit.BlobChunkBytes, int64(len(content)))]})
	}
	return path, asked[api.Attachments](t, p, http.MethodPost, path+"/attach", wish)
}

// png is a picture of one dot.
var png = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82")

func TestAFileIsAttachedInOneChange(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	id := newTicket(t, p)
	content := bytes.Repeat([]byte("holdfast"), 100_000)
	path, all := attach(t, p, id, "../log.txt", "text/plain", content)
	if len(all.Attachments) != 1 || all.Attachments[0].Name != "log.txt" || all.Attachments[0].Size != int64(len(content)) ||
		all.Attachments[0].State != api.FileHere || all.Attachments[0].By == nil {
		t.Fatalf("attached are %+v", all)
	}
	until(t, p, func() bool { return p.site.store.PendingCount() == 0 })
	history := asked[api.History](t, p, http.MethodGet, "/records/"+id+"/history", nil)
	if last := history.Changes[len(history.Changes)-1]; last.Action != "attach" || last.ToDisplay != "log.txt" || last.Result == nil || *last.Result != "applied" {
		t.Errorf("the history ends with %+v", last)
	}
	again := asked[api.Attachments](t, p, http.MethodPost, path+"/attach", map[string]any{"name": "log.txt", "size": len(content)})
	if len(again.Attachments) != 1 {
		t.Errorf("a repeated call attached it again: %+v", again)
	}
	for range 2 {
		attach(t, p, id, "again.txt", "text/plain", content)
	}
	if stored, err := filepath.Glob(filepath.Join(p.path("store", "blobs"), "??", "*")); err != nil || len(stored) != 1 {
		t.Errorf("attached three times, it is stored as %q, %v", stored, err)
	}
	answer := ask(t, p, http.MethodGet, path+"/content", nil, "Range", "bytes=8-15")
	if answer.Code != http.StatusPartialContent || answer.Body.String() != "holdfast" {
		t.Errorf("a range gives %d %.40q", answer.Code, answer.Body)
	}
	whole := ask(t, p, http.MethodGet, path+"/content", nil)
	if !bytes.Equal(whole.Body.Bytes(), content) {
		t.Errorf("%d bytes come back", whole.Body.Len())
	}
	if hits := asked[api.SearchResult](t, p, http.MethodGet, "/search?q=again.txt", nil).Hits; len(hits) != 1 || hits[0].ID != id {
		t.Errorf("the file's name finds %+v", hits)
	}
}

func TestHalfAFileIsNeverAttached(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	id := newTicket(t, p)
	path := "/records/" + id + "/attachments/" + uuid.NewString()
	piece := func(at int, data string) *httptest.ResponseRecorder {
		return ask(t, p, http.MethodPut, path+"/bytes", map[string]any{"offset": at, "data": []byte(data)})
	}
	piece(0, "half")
	sum := sha256.Sum256([]byte("half and half"))
	whole := map[string]any{"name": "a.txt", "size": 13, "sha256": hex.EncodeToString(sum[:])}
	if answer := ask(t, p, http.MethodPost, path+"/attach", whole); answer.Code != http.StatusConflict {
		t.Errorf("half of it gives %d %s", answer.Code, answer.Body)
	}
	if answer := piece(0, "half"); answer.Code != http.StatusConflict {
		t.Errorf("a piece in the wrong place gives %d %s", answer.Code, answer.Body)
	}
	if got := asked[api.Upload](t, p, http.MethodPut, path+"/upload", map[string]any{"name": "a.txt", "size": 13}).Received; got != 4 {
		t.Errorf("%d bytes are here", got)
	}
	piece(4, " and fake")
	if answer := ask(t, p, http.MethodPost, path+"/attach", whole); answer.Code < 400 {
		t.Errorf("other bytes give %d %s", answer.Code, answer.Body)
	}
	if left := asked[api.Attachments](t, p, http.MethodGet, "/records/"+id+"/attachments", nil); len(left.Attachments) != 0 {
		t.Errorf("attached are %+v", left)
	}
	for name, wish := range map[string]map[string]any{
		"too large": {"name": "a", "size": limit.BlobBytesMax + 1},
		"no size":   {"name": "a", "size": -1},
	} {
		if answer := ask(t, p, http.MethodPut, path+"/upload", wish); answer.Code < 400 || answer.Code >= 500 {
			t.Errorf("%s gives %d %s", name, answer.Code, answer.Body)
		}
	}
	// The generic way to change a record cannot make a file up.
	made := map[string]any{"changes": []any{map[string]any{"op": "append", "field": "attachments", "value": map[string]any{"name": "x", "blob": "y", "size": 3}}}}
	if answer := ask(t, p, http.MethodPost, "/records/"+id+"/changes", made); answer.Code < 400 {
		t.Errorf("a made-up file gives %d %s", answer.Code, answer.Body)
	}
}

// What a peer attached may be anything: nothing of it runs in the interface.
func TestNothingAttachedRunsInTheInterface(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	id := newTicket(t, p)
	for _, c := range []struct {
		name, media, content string
		inline               bool
		served               string
	}{
		{"photo.png", "image/png", string(png), true, "image/png"},
		{"page.png", "image/png", "<html><script>alert(1)</script>", false, "application/octet-stream"},
		{"page.html", "text/html", "<script>alert(1)</script>", false, "application/octet-stream"},
		{"drawing.svg", "image/svg+xml", `<svg onload="alert(1)"/>`, false, "application/octet-stream"},
		{"paper.pdf", "application/pdf", "%PDF-1.7", false, "application/pdf"},
		{"Prüf \"1\".txt", "text/plain", "x", false, "text/plain"},
	} {
		path, _ := attach(t, p, id, c.name, c.media, []byte(c.content))
		head := ask(t, p, http.MethodGet, path+"/content", nil).Result()
		body, err := io.ReadAll(head.Body)
		disposition, parts, parseErr := mime.ParseMediaType(head.Header.Get("Content-Disposition"))
		if err != nil || parseErr != nil || string(body) != c.content || (disposition == "inline") != c.inline || head.Header.Get("Content-Type") != c.served {
			t.Errorf("%s: %q as %q, %v %v", c.name, head.Header.Get("Content-Disposition"), head.Header.Get("Content-Type"), err, parseErr)
		}
		if want := strings.ReplaceAll(c.name, `"`, "_"); parts["filename"] != want {
			t.Errorf("the name is %q, want %q", parts["filename"], want)
		}
		if head.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(head.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: the head is %v", c.name, head.Header)
		}
	}
}

func TestAnotherDesktopGetsWhatItAsksFor(t *testing.T) {
	p := founded(t, t.TempDir())
	defer shutAt(t, p)
	other := joined(t, p, t.TempDir())
	defer shutAt(t, other)
	if policy := asked[api.FilePolicy](t, p, http.MethodGet, "/prefs/files", nil); !policy.Fixed || policy.Keep != "all" {
		t.Errorf("the desktop that decides for its site keeps %+v", policy)
	}
	policy := asked[api.FilePolicy](t, other, http.MethodPut, "/prefs/files", map[string]any{"keep": "demand", "days": 30, "megabytes": 10})
	if policy.Fixed || policy.Keep != "demand" {
		t.Fatalf("the policy is %+v", policy)
	}
	made, err := p.site.desk.Create(t.Context(), p.site.actor(), desk.Creation{Kind: ticket.Incident, Fields: map[string]record.Value{
		"title": record.Text("Beamer"), "caller": record.Ref(p.site.actor().Person), "channel": record.Text("phone"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	path, _ := attach(t, p, made.ID.String(), "photo.png", "image/png", png)
	list := fmt.Sprintf("/records/%s/attachments", made.ID)
	until(t, other, func() bool {
		state, err := other.site.store.View(made.ID)
		return err == nil && state != nil && len(state.Fields["attachments"].Items) == 1
	})
	there := asked[api.Attachments](t, other, http.MethodGet, list, nil).Attachments[0]
	if there.State != api.FileElsewhere || there.Size != int64(len(png)) || there.Device.Name == "" {
		t.Fatalf("before anybody asks it is %+v", there)
	}
	if answer := ask(t, other, http.MethodGet, path+"/content", nil); answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), "not on this device yet") {
		t.Errorf("without its bytes it gives %d %s", answer.Code, answer.Body)
	}
	ask(t, other, http.MethodPost, path+"/fetch", nil)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for other.Services().Files.Standing(record.Hash(sha256.Sum256(png))).State != api.FileHere {
		select {
		case <-look.C:
		case <-t.Context().Done():
			t.Fatal("it never came")
		}
	}
	if got := ask(t, other, http.MethodGet, path+"/content", nil); !bytes.Equal(got.Body.Bytes(), png) {
		t.Errorf("what came is %q", got.Body)
	}
}

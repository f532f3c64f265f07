package scenario

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/app/api"
)

// attachedMegabytes is small enough for every run; the issue's own figure is 200: go test ./app/scenario -run CutLink -attached-mb 200.
var attachedMegabytes = flag.Int("attached-mb", 24, "size of the file that goes over a link which is cut every 5 MB")

const (
	cutBytes     = 5 << 20
	pieceBytes   = 256 << 10
	transferTime = 5 * time.Minute
)

// cutLink forwards connections and cuts each after cutBytes towards whoever dialled.
type cutLink struct {
	listener net.Listener
	to       string
	given    atomic.Int64 // bytes towards those who dialled
	cuts     atomic.Int64
	running  sync.WaitGroup
	done     chan struct{}
}

func newCutLink(t *testing.T, to string) *cutLink {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &cutLink{listener: listener, to: to, done: make(chan struct{})}
	l.running.Go(l.accept)
	t.Cleanup(func() {
		close(l.done)
		_ = listener.Close() // ends accept
		l.running.Wait()
	})
	return l
}

func (l *cutLink) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.running.Go(func() { l.forward(near) })
	}
}

func (l *cutLink) forward(near net.Conn) {
	far, err := net.Dial("tcp4", l.to)
	if err != nil {
		_ = near.Close() // whoever dialled tries again
		return
	}
	over := make(chan struct{})
	l.running.Go(func() { // a test that ends cuts everything
		select {
		case <-l.done:
		case <-over:
		}
		_, _ = near.Close(), far.Close()
	})
	l.running.Go(func() { _, _ = io.Copy(far, near) }) // ends with the connection
	n, _ := io.Copy(near, io.LimitReader(far, cutBytes))
	l.given.Add(n)
	if n == cutBytes {
		l.cuts.Add(1)
	}
	close(over)
}

// TestAFileCrossesACutLinkOnce attaches a file on one desktop and gets it on another over a link that is cut every 5 MB.
func TestAFileCrossesACutLinkOnce(t *testing.T) {
	address := freeAddress(t)
	link := newCutLink(t, address)
	a := &device{name: "A", folder: foundSite(t, siteCode, "Ada Lovelace")}
	a.args = []string{"serve", "--listen", "127.0.0.1:0", "--peers", address, "--advertise", link.listener.Addr().String()}
	a.start(t)
	b := desktopOn("B", filepath.Join(t.TempDir(), "data"))
	succeed(t, "join", "--data", b.folder, a.invite(t, "desktop"), "--person", "Blaise Pascal", "--device", "Desktop B")
	b.start(t)
	content := make([]byte, *attachedMegabytes<<20)
	random := rand.New(rand.NewPCG(27, 5))
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	id := a.create(t, map[string]any{"title": "The disk of the file server clicks"}).ID
	path := "/records/" + id + "/attachments/" + newID(t)
	wish := map[string]any{"name": "disk.img", "size": len(content), "media": "application/octet-stream"}
	for at := 0; at < len(content); at += pieceBytes {
		a.call(t, http.MethodPut, path+"/bytes", map[string]any{"offset": at, "data": content[at:min(at+pieceBytes, len(content))]}, nil)
	}
	a.call(t, http.MethodPost, path+"/attach", wish, nil)
	took := await(t, "B has the file", transferTime, func() bool {
		var all api.Attachments
		return b.try(http.MethodGet, "/records/"+id+"/attachments", nil, &all) == nil && len(all.Attachments) == 1 && all.Attachments[0].State == api.FileHere
	})
	if got := b.read(t, path+"/content"); !bytes.Equal(got, content) {
		t.Errorf("%d bytes came, with the hash %x", len(got), sha256.Sum256(got))
	}
	cuts, given := link.cuts.Load(), link.given.Load()
	t.Logf("%d MB in %v over %d cuts, for which %d MB went over the link", *attachedMegabytes, took, cuts, given>>20)
	if cuts < int64(len(content)/cutBytes)-1 {
		t.Errorf("the link was cut %d times only", cuts)
	}
	// A cut costs at most what was under way: two megabytes of pieces.
	if most := int64(len(content)) + (cuts+1)*(2<<20+1<<20); given > most {
		t.Errorf("%d bytes went over the link for a file of %d", given, len(content))
	}
}

// read gives what the API answers, as it is.
func (d *device) read(t *testing.T, path string) []byte {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, d.ready.URL+api.Base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.ready.Token)
	response, err := d.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s gave %d, %v", d.name, path, response.StatusCode, err)
	}
	return raw
}

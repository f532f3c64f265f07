package desktop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"holdfast/backend/core/diskfile"
	"holdfast/backend/core/fault"
)

// SaveAnswers asks where to save and writes there what the API answers to GET for each of the addresses: one under the name that the person chose, several with .001, .002, … behind it.
// They go from the API to the disk piece by piece, however large they are. Only of a single file does a dialog ask whether it may be replaced; of several none replaces another file.
func (w *Window) SaveAnswers(q FileQuestion, addresses []string) (Answer, error) {
	answer, err := w.SaveFile(q)
	if err != nil || answer.Cancelled {
		return answer, err
	}
	err = guard("desktop.SaveAnswers", func() error { return w.saveAll(answer.Path, addresses) })
	if err != nil {
		answer = Answer{}
	}
	return answer, err
}

func (w *Window) saveAll(path string, addresses []string) error {
	targets := []string{path}
	if len(addresses) != 1 {
		targets = targets[:0]
		for i := range addresses {
			targets = append(targets, fmt.Sprintf("%s.%03d", path, i+1))
		}
		for _, target := range targets {
			if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
				return fault.New(fault.Conflict, "desktop.SaveAnswers", "There is a file "+target+" already. Choose another name, or remove it.")
			}
		}
	}
	for i, target := range targets {
		if err := w.download(addresses[i], target); err != nil {
			return err
		}
	}
	return nil
}

// download writes one answer beside its place and then moves it there, so that half a file never stands under the name.
func (w *Window) download(address, target string) error {
	const op = "desktop.SaveAnswers"
	link, err := url.Parse(address)
	if err != nil || link.Host != "" || link.Scheme != "" || !strings.HasPrefix(link.Path, "/api/") {
		return fault.New(fault.Invalid, op, "Only what the program itself answers can be saved.")
	}
	request, err := http.NewRequest(http.MethodGet, link.String(), nil)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return unwritten(err, target)
	}
	defer os.Remove(file.Name()) // moved, or of no use
	answer := &fileWriter{file: file, head: http.Header{}}
	answer.serve(w.handler, request)
	err = answer.failure(op)
	if err == nil {
		err = unwritten(file.Sync(), target)
	}
	closing := file.Close()
	if err != nil {
		return err
	}
	if closing == nil {
		closing = os.Rename(file.Name(), target)
	}
	return unwritten(closing, target)
}

func unwritten(err error, target string) error {
	return fault.Wrap(err, diskfile.Code(err), "desktop.SaveAnswers", "The file "+target+" could not be written: there is no room, or it is not allowed. Choose another place.")
}

// fileWriter puts a good answer into a file and keeps a bad one.
type fileWriter struct {
	file   *os.File
	head   http.Header
	status int
	broken error  // the file could not be written, or the answer was cut short
	said   []byte // of a bad answer
}

// saidBytesMax bounds what is kept of a bad answer.
const saidBytesMax = 64 << 10

func (f *fileWriter) serve(handler http.Handler, r *http.Request) {
	defer func() {
		if recover() != nil && f.broken == nil {
			f.broken = errors.New("the answer was cut short")
		}
	}()
	handler.ServeHTTP(f, r)
}

func (f *fileWriter) Header() http.Header { return f.head }

func (f *fileWriter) WriteHeader(status int) {
	if f.status == 0 {
		f.status = status
	}
}

func (f *fileWriter) Write(p []byte) (int, error) {
	f.WriteHeader(http.StatusOK)
	if f.status != http.StatusOK {
		f.said = append(f.said, p[:min(len(p), saidBytesMax-len(f.said))]...)
		return len(p), nil
	}
	n, err := f.file.Write(p)
	if err != nil {
		f.broken = err
	}
	return n, err
}

// failure gives what went wrong, with the API's own sentence where it gave one.
func (f *fileWriter) failure(op string) error {
	if f.broken != nil {
		return unwritten(f.broken, f.file.Name())
	}
	if f.status == 0 || f.status == http.StatusOK {
		return nil
	}
	var said struct{ Code, Detail string }
	if json.Unmarshal(f.said, &said) != nil || said.Code == "" {
		return fault.Newf(fault.Internal, op, "The program answered with %d. Nothing was saved; try again.", f.status)
	}
	return fault.New(fault.Code(said.Code), op, said.Detail)
}

package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Bundles are files that carry work between devices that do not reach each other: signed by who wrote them, encrypted for the devices that may read them.
type Bundles interface {
	// Write begins to write one; what was written before is forgotten.
	Write(ctx context.Context, wish BundleWish) (BundleJob, error)
	// Part opens a part that was written. The caller closes it.
	Part(id string, number int) (content io.ReadCloser, size int64, err error)
	// Announce makes room for a file, Chunk takes its next piece.
	Announce(ctx context.Context, file BundleFile) (BundleFile, error)
	Chunk(ctx context.Context, id string, number int, data []byte) error
	// Read begins to read the files that were handed in, or to look into them.
	Read(ctx context.Context, wish BundleReading) (BundleJob, error)
	Job(id string) (BundleJob, error)
	Cancel(id string) error
	// Waiting gives the bundles of which parts are missing; Forget drops one of them.
	Waiting() ([]BundleInfo, error)
	Forget(bundle string) error
}

// BundleWish says what a bundle is to hold. What waits to be agreed is always in it.
type BundleWish struct {
	For       string `json:"for,omitempty" doc:"the id of the device that it is made for; any device when left out"`
	Commits   string `json:"commits,omitempty" enum:"lacking,all,none" doc:"agreed changes: those beyond what its readers are known to hold, all, or none; lacking when left out"`
	NoFiles   bool   `json:"noFiles,omitempty" doc:"leave attached files out"`
	PartBytes int64  `json:"partBytes,omitempty" minimum:"0" doc:"how large one part may be, at least 4 MiB; one part of any size when left out"`
}

// BundleFile is a file of a bundle on its way in.
type BundleFile struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	Size int64  `json:"size" minimum:"0"`
}

// BundleReading names the files to read.
type BundleReading struct {
	Files []string `json:"files" minItems:"1" maxItems:"9999" doc:"ids of files that were handed in"`
	Look  bool     `json:"look,omitempty" doc:"only say what is inside, and change nothing"`
}

// BundleJob is one bundle being written or read.
type BundleJob struct {
	ID      string         `json:"id"`
	State   string         `json:"state" enum:"running,done,failed,cancelled"`
	Done    int64          `json:"done" doc:"bytes written, or parts read"`
	Problem *Problem       `json:"problem,omitempty"`
	Written *BundleWritten `json:"written,omitempty"`
	Read    *BundleRead    `json:"read,omitempty"`
}

// BundleWritten says what was written.
type BundleWritten struct {
	Bundle      string        `json:"bundle"`
	Parts       []int64       `json:"parts" doc:"the size of each part in bytes"`
	Readers     int           `json:"readers" doc:"how many other devices can read some of it"`
	Spaces      []BundleSpace `json:"spaces"`
	Files       int           `json:"files"`
	FilesAbsent int           `json:"filesAbsent" doc:"attached files that are not on this device"`
}

// BundleSpace counts what a bundle holds of one space.
type BundleSpace struct {
	Space      string `json:"space"`
	Generation string `json:"generation"`
	Waiting    int    `json:"waiting" doc:"changes that were not agreed when the bundle was made"`
	Agreed     int    `json:"agreed" doc:"agreed changes, one by one"`
	From       string `json:"from,omitempty" doc:"the number of the first of them"`
	To         string `json:"to,omitempty" doc:"the number of the last"`
	Whole      bool   `json:"whole" doc:"the agreed state as a whole"`
	Incomplete bool   `json:"incomplete" doc:"the writer no longer kept agreed changes that a reader may lack"`
}

// BundleRead says what came of reading files.
type BundleRead struct {
	Files   []BundleFileRead `json:"files"`
	Bundles []BundleInfo     `json:"bundles"`
}

// BundleFileRead says what became of one file.
type BundleFileRead struct {
	Name    string   `json:"name"`
	State   string   `json:"state" enum:"taken,known,refused"`
	Bundle  string   `json:"bundle,omitempty"`
	Number  int      `json:"number,omitempty"`
	Parts   int      `json:"parts,omitempty"`
	Trouble *Trouble `json:"trouble,omitempty"`
}

// BundleInfo is one bundle as far as it is known here.
type BundleInfo struct {
	Bundle  string        `json:"bundle"`
	Made    time.Time     `json:"made"`
	Cluster string        `json:"cluster"`
	Device  NamedID       `json:"device"`
	Person  *Ref          `json:"person,omitempty"`
	Site    string        `json:"site,omitempty"`
	Trust   string        `json:"trust,omitempty" enum:"trusted,expired,revoked"`
	Parts   int           `json:"parts"`
	Read    []int         `json:"read" doc:"parts that were read"`
	Here    []int         `json:"here" doc:"parts that wait for others"`
	Missing []int         `json:"missing"`
	Spaces  []BundleSpace `json:"spaces" doc:"what is in the parts that were read now"`
	Files   int           `json:"files"`
	Closed  int           `json:"closed" doc:"sections that are encrypted for others"`
	Taken   []BundleTaken `json:"taken"`
	// NewFiles counts attached files that are here now and were not before.
	NewFiles int      `json:"newFiles"`
	Changed  bool     `json:"changed" doc:"something was not here before"`
	Trouble  *Trouble `json:"trouble,omitempty"`
}

// BundleTaken says what came of one space.
type BundleTaken struct {
	Space       string    `json:"space"`
	New         int       `json:"new" doc:"waiting changes that were not here"`
	Known       int       `json:"known"`
	Aside       int       `json:"aside" doc:"changes that were set aside for a person"`
	Left        int       `json:"left" doc:"waiting changes that could not be taken"`
	AgreedNew   int       `json:"agreedNew"`
	AgreedKnown int       `json:"agreedKnown"`
	AgreedLeft  int       `json:"agreedLeft"`
	Whole       bool      `json:"whole"`
	Why         []Trouble `json:"why" doc:"why something was left"`
}

// BundlesWaiting are the bundles of which parts are missing.
type BundlesWaiting struct {
	Bundles []BundleInfo `json:"bundles"`
}

// BundlePath names a bundle, or what is done with one, in a path.
type BundlePath struct {
	ID string `path:"id"`
}

type writeBundleInput struct{ Body BundleWish }

type bundlePartInput struct {
	BundlePath
	Number int `path:"number" minimum:"1"`
}

type bundleFileInput struct{ Body BundleFile }

type bundleChunkInput struct {
	BundlePath
	Number int `path:"number" minimum:"0"`
	Body   struct {
		Data []byte `json:"data" doc:"at most 256 KiB, base64" maxLength:"349528"`
	}
}

type readBundleInput struct{ Body BundleReading }

func (s *server) registerBundles(api huma.API) {
	operation(api, http.MethodPost, "/bundles", "write-bundle", "Begin to write a bundle", s.writeBundle)
	operation(api, http.MethodGet, "/bundles/jobs/{id}", "get-bundle-job", "Progress of writing or reading a bundle", s.bundleJob)
	operation(api, http.MethodPost, "/bundles/jobs/{id}/cancel", "cancel-bundle-job", "Stop; what was written is forgotten, what was read stays", s.cancelBundle)
	operation(api, http.MethodPost, "/bundles/files", "announce-bundle-file", "Announce a file of a bundle", s.announceBundle)
	operation(api, http.MethodPut, "/bundles/files/{id}/chunks/{number}", "bundle-chunk", "Hand in a piece of the file, in order", s.bundleChunk)
	operation(api, http.MethodPost, "/bundles/read", "read-bundle", "Begin to read files, or to look into them", s.readBundle)
	operation(api, http.MethodGet, "/bundles/waiting", "waiting-bundles", "Bundles of which parts are missing", s.waitingBundles)
	operation(api, http.MethodPost, "/bundles/waiting/{id}/forget", "forget-bundle", "Drop the parts of a bundle that wait for others", s.forgetBundle)
	huma.Register(api, huma.Operation{
		OperationID: "bundle-part", Method: http.MethodGet, Path: Base + "/bundles/jobs/{id}/parts/{number}", Summary: "A part that was written",
		Responses: map[string]*huma.Response{"200": {Description: "The part", Content: map[string]*huma.MediaType{"application/octet-stream": {}}}},
	}, s.bundlePart)
}

func (s *server) writeBundle(ctx context.Context, in *writeBundleInput) (*body[BundleJob], error) {
	v, err := s.services("api.writeBundle")
	if err != nil {
		return nil, err
	}
	return answer(v.Bundles.Write(ctx, in.Body))
}

func (s *server) bundleJob(_ context.Context, in *BundlePath) (*body[BundleJob], error) {
	v, err := s.services("api.bundleJob")
	if err != nil {
		return nil, err
	}
	return answer(v.Bundles.Job(in.ID))
}

func (s *server) cancelBundle(_ context.Context, in *BundlePath) (*body[BundleJob], error) {
	v, err := s.services("api.cancelBundle")
	if err != nil {
		return nil, err
	}
	if err := v.Bundles.Cancel(in.ID); err != nil {
		return nil, err
	}
	return answer(v.Bundles.Job(in.ID))
}

func (s *server) announceBundle(ctx context.Context, in *bundleFileInput) (*body[BundleFile], error) {
	v, err := s.services("api.announceBundle")
	if err != nil {
		return nil, err
	}
	return answer(v.Bundles.Announce(ctx, in.Body))
}

func (s *server) bundleChunk(ctx context.Context, in *bundleChunkInput) (*body[BundleFile], error) {
	v, err := s.services("api.bundleChunk")
	if err != nil {
		return nil, err
	}
	return answer(BundleFile{ID: in.ID}, v.Bundles.Chunk(ctx, in.ID, in.Number, in.Body.Data))
}

func (s *server) readBundle(ctx context.Context, in *readBundleInput) (*body[BundleJob], error) {
	v, err := s.services("api.readBundle")
	if err != nil {
		return nil, err
	}
	return answer(v.Bundles.Read(ctx, in.Body))
}

func (s *server) waitingBundles(context.Context, *none) (*body[BundlesWaiting], error) {
	v, err := s.services("api.waitingBundles")
	if err != nil {
		return nil, err
	}
	waiting, err := v.Bundles.Waiting()
	return answer(BundlesWaiting{waiting}, err)
}

func (s *server) forgetBundle(_ context.Context, in *BundlePath) (*body[BundlesWaiting], error) {
	v, err := s.services("api.forgetBundle")
	if err != nil {
		return nil, err
	}
	if err := v.Bundles.Forget(in.ID); err != nil {
		return nil, err
	}
	waiting, err := v.Bundles.Waiting()
	return answer(BundlesWaiting{waiting}, err)
}

func (s *server) bundlePart(_ context.Context, in *bundlePartInput) (*huma.StreamResponse, error) {
	v, err := s.services("api.bundlePart")
	if err != nil {
		return nil, problemOf(err)
	}
	content, size, err := v.Bundles.Part(in.ID, in.Number)
	if err != nil {
		return nil, problemOf(err)
	}
	return &huma.StreamResponse{Body: func(stream huma.Context) {
		defer content.Close()
		stream.SetHeader("Content-Type", "application/octet-stream")
		stream.SetHeader("Content-Length", strconv.FormatInt(size, 10))
		stream.SetHeader("Content-Disposition", "attachment")
		if _, err := io.Copy(stream.BodyWriter(), content); err != nil {
			// The head is sent: only cutting the answer short can tell the caller that it is not whole.
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"holdfast/app/prefs"
	"holdfast/backend/attachment"
	"holdfast/backend/core/fault"
	"holdfast/backend/record"
)

// Files are the attached files of this device.
type Files interface {
	// Room refuses when a file of size bytes has no room here. Upload, Extend, Adopt and Abandon take a file in, piece by piece, under the id of its item.
	Room(size int64) error
	Upload(item record.ID) int64
	Extend(ctx context.Context, item record.ID, offset int64, chunk []byte) (int64, error)
	Adopt(ctx context.Context, item record.ID, size int64, want record.Hash) (record.Hash, error)
	Abandon(item record.ID) error
	// Open opens a file that is here; Standing tells how far one is, Fetch asks for it now.
	Open(hash record.Hash) (io.ReadSeekCloser, error)
	Standing(hash record.Hash) FileStanding
	Fetch(hash record.Hash) error
	// Policy gives which files this device keeps, and whether that is fixed.
	Policy() (policy prefs.Files, fixed bool)
	SetPolicy(policy prefs.Files) error
	Figures() (FileFigures, error)
}

// The ways in which a file may be here or not.
const (
	FileHere      = "here"      // whole and verified
	FileComing    = "coming"    // a peer sends it now
	FileWaiting   = "waiting"   // it comes as soon as a device that holds it is reached
	FileElsewhere = "elsewhere" // this device does not ask for it by itself
)

// FileStanding is how far a file is here.
type FileStanding struct {
	State    string
	Received int64 // bytes, while it is not whole
}

// FileFigures count the attached files of all records.
type FileFigures struct {
	Files int   `json:"files" doc:"attached to any record"`
	Here  int   `json:"here" doc:"of them on this device"`
	Bytes int64 `json:"bytes" doc:"that those take"`
}

// Attachment is one file that hangs on a record.
type Attachment struct {
	Item     string    `json:"item"`
	Name     string    `json:"name"`
	Media    string    `json:"media"`
	Size     int64     `json:"size"`
	By       *Ref      `json:"by"`
	At       time.Time `json:"at"`
	Device   NamedID   `json:"device" doc:"where it was attached"`
	Pending  bool      `json:"pending" doc:"not yet agreed"`
	State    string    `json:"state" enum:"here,coming,waiting,elsewhere"`
	Received int64     `json:"received" doc:"bytes that are here"`
	Picture  bool      `json:"picture" doc:"may be shown in place"`
}

// Attachments are the files of a record, oldest first.
type Attachments struct {
	Attachments []Attachment `json:"attachments"`
}

// FileWish announces a file to attach.
type FileWish struct {
	Name  string `json:"name"`
	Size  int64  `json:"size" minimum:"0"`
	Media string `json:"media,omitempty" doc:"type and subtype; application/octet-stream when left out"`
}

// Upload is a file on its way in.
type Upload struct {
	Item     string `json:"item"`
	Name     string `json:"name" doc:"the name that it will have"`
	Received int64  `json:"received" doc:"bytes that are here; go on from there"`
	Attached bool   `json:"attached" doc:"it hangs on the record already"`
}

// ByItem names a file of a record in a path.
type ByItem struct {
	ByID
	Item string `path:"item" format:"uuid"`
}

type uploadInput struct {
	ByItem
	Body FileWish
}

type bytesInput struct {
	ByItem
	Body struct {
		Offset int64  `json:"offset" minimum:"0"`
		Data   []byte `json:"data" doc:"at most 256 KiB, base64" maxLength:"349528"`
	}
}

type attachInput struct {
	ByItem
	Body struct {
		FileWish
		SHA256 string `json:"sha256,omitempty" doc:"of the content, in hexadecimal; other content is refused"`
	}
}

func (s *server) registerAttachments(api huma.API) {
	const one = "/records/{id}/attachments/{item}"
	operation(api, http.MethodGet, "/records/{id}/attachments", "list-attachments", "The files of a record and how far they are here", s.listAttachments)
	operation(api, http.MethodPut, one+"/upload", "begin-upload", "Announce a file, or ask how much of it is here", s.beginUpload)
	operation(api, http.MethodPut, one+"/bytes", "upload-bytes", "Hand in the next piece of a file", s.uploadBytes)
	operation(api, http.MethodPost, one+"/attach", "attach", "Attach the file that was handed in, in one change", s.attach)
	operation(api, http.MethodPost, one+"/cancel", "cancel-upload", "Drop what was handed in", s.cancelUpload)
	operation(api, http.MethodPost, one+"/fetch", "fetch-attachment", "Fetch a file from whoever holds it", s.fetchAttachment)
	huma.Register(api, huma.Operation{
		OperationID: "attachment-content", Method: http.MethodGet, Path: Base + one + "/content", Summary: "A file's content, whole or by range",
		Responses: map[string]*huma.Response{"200": {Description: "The content", Content: map[string]*huma.MediaType{attachment.Anything: {}}}},
	}, s.attachmentContent)
	operation(api, http.MethodGet, "/prefs/files", "get-file-policy", "Which attached files this device keeps", s.getFilePolicy)
	operation(api, http.MethodPut, "/prefs/files", "put-file-policy", "Choose which attached files this device keeps", s.putFilePolicy)
}

func (s *server) listAttachments(_ context.Context, in *ByID) (*body[Attachments], error) {
	v, state, err := s.state("api.listAttachments", in.ID)
	if err != nil {
		return nil, err
	}
	return answer(v.attachments(state), nil)
}

func (v *Services) attachments(state *record.State) Attachments {
	tentative := map[record.EditID]bool{}
	for _, edit := range v.Store.PendingOf(state.ID) {
		tentative[edit.ID] = true
	}
	view := Attachments{Attachments: []Attachment{}}
	for _, f := range attachment.Of(state) {
		standing := v.Files.Standing(f.Blob)
		view.Attachments = append(view.Attachments, Attachment{
			Item: f.ID.String(), Name: f.Name, Media: f.Media, Size: f.Size, By: v.ref(f.Origin.Author), At: moment(f.Origin),
			Device: v.device(f.Origin.Edit.Device), Pending: tentative[f.Origin.Edit],
			State: standing.State, Received: standing.Received, Picture: attachment.Picture(f.Media),
		})
	}
	return view
}

// uploading finds record and item of a path.
func (s *server) uploading(op string, in *ByItem) (*Services, *record.State, record.ID, error) {
	v, state, err := s.state(op, in.ID)
	if err != nil {
		return nil, nil, record.ID{}, err
	}
	item, err := parseID(in.Item)
	if err == nil && item == (record.ID{}) {
		err = fault.New(fault.Invalid, op, "The file needs an id of its own.")
	}
	return v, state, item, err
}

// file gives the file that a wish describes, with a harmless name and type.
func (w *FileWish) file(item record.ID) attachment.File {
	return attachment.File{ID: item, Name: attachment.Name(w.Name), Size: w.Size, Media: attachment.Media(w.Media)}
}

func (s *server) beginUpload(_ context.Context, in *uploadInput) (*body[Upload], error) {
	v, state, item, err := s.uploading("api.beginUpload", &in.ByItem)
	if err != nil {
		return nil, err
	}
	f := in.Body.file(item)
	view := Upload{Item: in.Item, Name: f.Name, Received: v.Files.Upload(item)}
	if _, view.Attached = attachment.Find(state, item); view.Attached {
		view.Received = f.Size
		return answer(view, nil)
	}
	if err := v.Desk.MayAttach(v.Actor, state.ID, f); err != nil {
		return nil, err
	}
	return answer(view, v.Files.Room(f.Size-view.Received))
}

func (s *server) uploadBytes(ctx context.Context, in *bytesInput) (*body[Upload], error) {
	v, _, item, err := s.uploading("api.uploadBytes", &in.ByItem)
	if err != nil {
		return nil, err
	}
	received, err := v.Files.Extend(ctx, item, in.Body.Offset, in.Body.Data)
	return answer(Upload{Item: in.Item, Received: received}, err)
}

func (s *server) attach(ctx context.Context, in *attachInput) (*body[Attachments], error) {
	const op = "api.attach"
	v, state, item, err := s.uploading(op, &in.ByItem)
	if err != nil {
		return nil, err
	}
	if _, there := attachment.Find(state, item); there {
		return answer(v.attachments(state), nil)
	}
	f := in.Body.file(item)
	if err := v.Desk.MayAttach(v.Actor, state.ID, f); err != nil {
		return nil, err
	}
	var want record.Hash
	if in.Body.SHA256 != "" {
		raw, err := hex.DecodeString(in.Body.SHA256)
		if err != nil || len(raw) != sha256.Size {
			return nil, fault.New(fault.Invalid, op, "The SHA-256 of the content takes 64 hexadecimal digits.")
		}
		want = record.Hash(raw)
	}
	if f.Blob, err = v.Files.Adopt(ctx, item, f.Size, want); err != nil {
		return nil, err
	}
	if state, err = v.Desk.Attach(ctx, v.Actor, state.ID, f); err != nil {
		return nil, err
	}
	return answer(v.attachments(state), nil)
}

func (s *server) cancelUpload(_ context.Context, in *ByItem) (*body[Upload], error) {
	v, _, item, err := s.uploading("api.cancelUpload", in)
	if err != nil {
		return nil, err
	}
	return answer(Upload{Item: in.Item}, v.Files.Abandon(item))
}

// attached finds a file of a record.
func (s *server) attached(op string, in *ByItem) (*Services, *record.State, attachment.File, error) {
	v, state, item, err := s.uploading(op, in)
	if err != nil {
		return nil, nil, attachment.File{}, err
	}
	f, found := attachment.Find(state, item)
	if !found {
		err = fault.New(fault.NotFound, op, "This file does not hang on the record. It may be on its way.")
	}
	return v, state, f, err
}

func (s *server) fetchAttachment(_ context.Context, in *ByItem) (*body[Attachments], error) {
	v, state, f, err := s.attached("api.fetchAttachment", in)
	if err != nil {
		return nil, err
	}
	if err := v.Files.Fetch(f.Blob); err != nil {
		return nil, err
	}
	return answer(v.attachments(state), nil)
}

func (s *server) attachmentContent(_ context.Context, in *ByItem) (*huma.StreamResponse, error) {
	v, _, f, err := s.attached("api.attachmentContent", in)
	if err != nil {
		return nil, problemOf(err)
	}
	content, err := v.Files.Open(f.Blob)
	if err != nil {
		return nil, problemOf(err)
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer content.Close()
		r, w := humago.Unwrap(c)
		if err := serve(w, r, &f, content); err != nil {
			// Nothing of the file was sent yet; only a broken answer tells the caller so.
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// sniffBytes is how much of a file tells its type.
const sniffBytes = 512

// serve answers with a file such that nothing in it can run: a picture is shown in place if its bytes are one, everything else is for saving.
func serve(w http.ResponseWriter, r *http.Request, f *attachment.File, content io.ReadSeeker) error {
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(content, head)
	if err != nil && n == 0 && f.Size > 0 {
		return err
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	disposition, media := "attachment", attachment.Served(f.Media)
	if attachment.Picture(f.Media) {
		if http.DetectContentType(head[:n]) == f.Media {
			disposition = "inline"
		} else {
			media = attachment.Anything
		}
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-store")
	h.Set("ETag", `"`+f.Blob.String()+`"`)
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// FilePolicy says which attached files this device keeps.
type FilePolicy struct {
	Keep      string      `json:"keep" enum:"all,recent,demand"`
	Days      int         `json:"days" minimum:"1" maximum:"3650" doc:"recent: how far back"`
	Megabytes int         `json:"megabytes" minimum:"1" maximum:"1024" doc:"recent: how large a file may be"`
	Fixed     bool        `json:"fixed" doc:"others rely on this device to keep all files"`
	Figures   FileFigures `json:"figures"`
}

type filePolicyInput struct {
	Body struct {
		Keep      string `json:"keep" enum:"all,recent,demand"`
		Days      int    `json:"days" minimum:"1" maximum:"3650"`
		Megabytes int    `json:"megabytes" minimum:"1" maximum:"1024"`
	}
}

func (v *Services) filePolicy() (FilePolicy, error) {
	policy, fixed := v.Files.Policy()
	figures, err := v.Files.Figures()
	view := FilePolicy{Keep: policy.Keep, Days: max(policy.Days, 1), Megabytes: max(policy.Megabytes, 1), Fixed: fixed, Figures: figures}
	if view.Keep != prefs.KeepRecent && view.Keep != prefs.KeepDemand {
		view.Keep = prefs.KeepAll
	}
	return view, err
}

func (s *server) getFilePolicy(_ context.Context, _ *none) (*body[FilePolicy], error) {
	v, err := s.services("api.getFilePolicy")
	if err != nil {
		return nil, err
	}
	return answer(v.filePolicy())
}

func (s *server) putFilePolicy(_ context.Context, in *filePolicyInput) (*body[FilePolicy], error) {
	v, err := s.services("api.putFilePolicy")
	if err != nil {
		return nil, err
	}
	if err := v.Files.SetPolicy(prefs.Files{Keep: in.Body.Keep, Days: in.Body.Days, Megabytes: in.Body.Megabytes}); err != nil {
		return nil, err
	}
	return answer(v.filePolicy())
}

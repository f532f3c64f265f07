package browser

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"holdfast/backend/core/fault"
)

// Control serves the API to commands of the same person, through a socket that only they can open.
type Control struct {
	server  *http.Server
	stop    context.CancelFunc
	serving sync.WaitGroup
}

// socketBytesMax is how long a socket's path may be: the system's sun_path has 104 bytes where it is shortest.
const socketBytesMax = 100

// socketPath gives the socket of a data folder: inside it, or, where that path is too long, under the folder's hash in a private temporary folder.
func socketPath(folder string) (string, error) {
	whole, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	if inside := filepath.Join(whole, "control.sock"); len(inside) <= socketBytesMax {
		return inside, nil
	}
	sum := sha256.Sum256([]byte(whole))
	private := filepath.Join(os.TempDir(), "holdfast-"+hex.EncodeToString(sum[:8]))
	return filepath.Join(private, "control.sock"), os.MkdirAll(private, 0o700)
}

// ServeControl starts serving commands for a data folder. The caller holds the folder's lock, so a socket that lies there is left over.
func ServeControl(folder string, handler http.Handler, log *slog.Logger) (*Control, error) {
	const op = "browser.ServeControl"
	path, err := socketPath(folder)
	if err != nil {
		return nil, fault.Wrap(err, fault.ReadOnly, op, "The data folder cannot be written. Check its permissions.")
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.ReadOnly, op, "The data folder cannot be written. Check its permissions.")
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "Commands cannot reach this Holdfast: its socket could not be made in the data folder.")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	c := &Control{}
	c.server, c.stop = newServer(handler, log)
	c.serving.Go(func() { serve(c.server, listener, log) })
	return c, nil
}

// Close ends serving and removes the socket.
func (c *Control) Close() error {
	err := shut(c.server, c.stop)
	c.serving.Wait()
	return err
}

// DialControl gives a way to the Holdfast that runs on a data folder; false when none does. URLs' hosts are ignored.
func DialControl(ctx context.Context, folder string) (http.RoundTripper, bool) {
	path, err := socketPath(folder)
	if err != nil {
		return nil, false
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
	probe, err := dial(ctx, "", "")
	if err != nil {
		return nil, false
	}
	if probe.Close() != nil {
		return nil, false
	}
	return &http.Transport{DialContext: dial}, true
}

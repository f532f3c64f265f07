package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"holdfast/app/api"
	"holdfast/app/browser"
	"holdfast/app/program"
	"holdfast/backend/core/diskfile"
	"holdfast/frontend"
)

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misuse{fmt.Errorf("%s takes no %q", c.Name(), args[0])}
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return misuse{fmt.Errorf("%s needs %s", c.Name(), what)}
		}
		return nil
	}
}

// require makes flags compulsory with the usage exit code.
func require(values map[string]string) error {
	for name, value := range values {
		if value == "" {
			return misuse{fmt.Errorf("--%s is missing", name)}
		}
	}
	return nil
}

// using runs act with a connection to the folder's Holdfast.
func (e *environment) using(ctx context.Context, act func(*client) error) error {
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	err = act(c)
	if closing := c.close(); err == nil {
		err = closing
	}
	return err
}

func (e *environment) initCommand() *cobra.Command {
	var site, name, person, keyFile string
	var starter, sample, encrypt bool
	c := &cobra.Command{
		Use: "init", Short: "Start a new site on this device", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := require(map[string]string{"site": site, "name": name, "person": person}); err != nil {
				return err
			}
			return e.using(c.Context(), func(to *client) error {
				var setup api.Setup
				err := to.call(c.Context(), http.MethodPost, "/setup/site", map[string]any{
					"code": site, "name": name, "person": person, "starter": starter, "sample": sample, "encrypt": encrypt,
				}, &setup)
				if err != nil {
					return err
				}
				err = e.print(setup, func(w io.Writer) {
					fmt.Fprintf(w, "Site %s (%s) is ready in %s.\n", setup.Site.Name, setup.Site.Code, setup.DataFolder)
					showRecovery(w, setup.Recovery)
				})
				if err != nil {
					return err
				}
				return e.makeRecoveryKey(c.Context(), to, keyFile)
			})
		},
	}
	c.Flags().StringVar(&site, "site", "", "the site's code, such as LYO: it stands in ticket numbers")
	c.Flags().StringVar(&name, "name", "", "the site's name")
	c.Flags().StringVar(&person, "person", "", "your name")
	c.Flags().BoolVar(&starter, "starter", false, "add the starter pack of services, teams and articles")
	c.Flags().BoolVar(&sample, "sample", false, "add sample tickets as well")
	encryptFlag(c, &encrypt)
	recoveryKeyFlag(c, &keyFile)
	return c
}

func (e *environment) joinCommand() *cobra.Command {
	var person, device string
	var encrypt bool
	c := &cobra.Command{
		Use: "join INVITE", Short: "Join a site with an invite", Args: oneArg("an invite"),
		Long: "Join a site with an invite.\n\n" +
			"A device that belongs to the cluster already only looks for it at the addresses of the invite, which stays unused: so it finds a cluster that was begun anew elsewhere.",
		RunE: func(c *cobra.Command, args []string) error {
			return e.using(c.Context(), func(to *client) error {
				var before, setup api.Setup
				err := to.call(c.Context(), http.MethodGet, "/setup", nil, &before)
				if err == nil {
					err = to.call(c.Context(), http.MethodPost, "/setup/join", map[string]any{
						"invite": args[0], "person": person, "device": device, "encrypt": encrypt,
					}, &setup)
				}
				if err != nil {
					return err
				}
				return e.print(setup, func(w io.Writer) {
					if before.Ready {
						fmt.Fprintf(w, "This device belongs to site %s already. It has found it at an address of the invite, which was not used up.\n", setup.Site.Code)
						return
					}
					fmt.Fprintf(w, "This device belongs to site %s now. Its data is in %s.\n", setup.Site.Code, setup.DataFolder)
					showRecovery(w, setup.Recovery)
				})
			})
		},
	}
	c.Flags().StringVar(&person, "person", "", "your name, when the invite does not say it")
	c.Flags().StringVar(&device, "device", "", "a name for this device; the computer's own when left out")
	encryptFlag(c, &encrypt)
	return c
}

// readiness is what serve and node write into the file of --ready.
type readiness struct {
	URL     string `json:"url"`
	Token   string `json:"token"`
	PID     int    `json:"pid"`
	Address string `json:"address,omitempty"` // where peers reach this device
}

func (e *environment) serveCommand() *cobra.Command {
	var listen, peers, ready string
	var advertise []string
	c := &cobra.Command{
		Use: "serve", Short: "Serve the interface to a browser on this computer", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := e.open(c.Context(), openOptions{listen: peers, advertise: advertise})
			if err != nil {
				return err
			}
			return e.host(c.Context(), p, listen, ready)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "the address to serve on")
	c.Flags().StringVar(&peers, "peers", program.DefaultListen, "the address on which other devices of the site reach this one")
	advertiseFlag(c, &advertise)
	c.Flags().StringVar(&ready, "ready", "", `file to write {"url","token","pid"} to once it can be used`)
	return c
}

// host serves p to a browser and to commands until ctx ends, then closes p.
func (e *environment) host(ctx context.Context, p *program.Program, listen, ready string) (err error) {
	defer closing(p.Close, &err)
	control, err := browser.ServeControl(p.DataFolder(), p.Handler(), e.logger())
	if err != nil {
		return err
	}
	defer closing(control.Close, &err)
	host, err := browser.Serve(browser.HostConfig{Address: listen, Handler: browser.Interface(p.Handler(), frontend.Assets()), Log: e.logger()})
	if err != nil {
		return err
	}
	defer closing(host.Close, &err)
	said := readiness{URL: host.Origin(), Token: host.Token(), PID: os.Getpid(), Address: p.Address()}
	if err := e.sayReady(said, host.URL(), ready); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func closing(end func() error, err *error) {
	if failed := end(); *err == nil {
		*err = failed
	}
}

func (e *environment) sayReady(said readiness, url, file string) error {
	if file != "" {
		raw, err := json.Marshal(said)
		if err != nil {
			return err
		}
		if err := diskfile.Replace(file, raw, 0o600); err != nil {
			return err
		}
	}
	return e.print(said, func(w io.Writer) { fmt.Fprintf(w, "Holdfast is ready: %s\nPress Ctrl+C to stop.\n", url) })
}

func (e *environment) nodeCommand() *cobra.Command {
	var listen, cluster, site, invite, ready, console, keyFile string
	var advertise []string
	var bootstrap, encrypt bool
	c := &cobra.Command{
		Use: "node", Short: "Run a sync node without a window", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := e.open(c.Context(), openOptions{listen: listen, advertise: advertise, role: program.Node})
			if err != nil {
				return err
			}
			begins := bootstrap && p.Services() == nil
			recovery, err := enterCluster(c.Context(), p, bootstrap, api.FirstSite{Name: cluster, Code: site, Encrypt: encrypt}, api.Joining{Invite: invite, Encrypt: encrypt})
			showRecovery(e.Stderr, recovery) // what a node prints is for scripts
			if err == nil && begins {
				err = e.makeRecoveryKey(c.Context(), &client{http: &http.Client{Transport: direct{p.Handler()}}}, keyFile)
			}
			if err != nil {
				return closed(p, err)
			}
			return e.host(c.Context(), p, console, ready)
		},
	}
	c.Flags().StringVar(&listen, "listen", program.DefaultListen, "the address for other devices")
	advertiseFlag(c, &advertise)
	c.Flags().StringVar(&console, "console", "127.0.0.1:0", "the address on this computer for the interface and scripts")
	c.Flags().BoolVar(&bootstrap, "bootstrap", false, "start a new cluster with this node")
	c.Flags().StringVar(&cluster, "cluster", "", "with --bootstrap: the cluster's name")
	c.Flags().StringVar(&site, "site", "", "with --bootstrap: the code of the node's site")
	c.Flags().StringVar(&invite, "join", "", "join the cluster of this invite")
	encryptFlag(c, &encrypt)
	recoveryKeyFlag(c, &keyFile)
	c.Flags().StringVar(&ready, "ready", "", `file to write {"url","token","pid","address"} to once it can be used`)
	return c
}

func advertiseFlag(c *cobra.Command, into *[]string) {
	c.Flags().StringSliceVar(into, "advertise", nil, "host:port that others are told to reach this device at, in place of the address it listens on")
}

func closed(p *program.Program, err error) error {
	if failed := p.Close(); failed != nil {
		return fmt.Errorf("%w (and closing: %w)", err, failed)
	}
	return err
}

// enterCluster founds or joins a cluster; a node that belongs to one already goes on as it is.
func enterCluster(ctx context.Context, p *program.Program, bootstrap bool, f api.FirstSite, j api.Joining) (recovery string, err error) {
	switch {
	case p.Services() != nil:
		return "", nil
	case bootstrap:
		if err := require(map[string]string{"cluster": f.Name, "site": f.Code}); err != nil {
			return "", err
		}
		return p.Found(ctx, f)
	case j.Invite != "":
		return p.Join(ctx, j)
	}
	return "", misuse{fmt.Errorf("a new node needs --bootstrap or --join INVITE")}
}

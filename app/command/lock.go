package command

import (
	"crypto/rand"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"holdfast/app/program"
	"holdfast/app/vault"
	"holdfast/backend/core/fault"
)

// Variables of the environment that open an encrypted data folder. A passphrase is no flag: other users of the computer can read those.
const (
	passphraseVariable = "HOLDFAST_PASSPHRASE"
	againVariable      = "HOLDFAST_PASSPHRASE_AGAIN" // beside the recovery code: the same, to make it the folder's new one
	recoveryVariable   = "HOLDFAST_RECOVERY_CODE"
)

func (e *environment) keys() program.Keys {
	keys := program.Keys{Keyring: e.Keyring, Passphrase: os.Getenv(passphraseVariable), Again: os.Getenv(againVariable), Recovery: e.recovery}
	if keys.Recovery == "" {
		keys.Recovery = os.Getenv(recoveryVariable)
	}
	return keys
}

func encryptFlag(c *cobra.Command, encrypt *bool) {
	c.Flags().BoolVar(encrypt, "encrypt", false, "encrypt the data folder, with this computer's keyring or with the passphrase in "+passphraseVariable)
}

// showRecovery prints a recovery code where there is one.
func showRecovery(w io.Writer, code string) {
	if code == "" {
		return
	}
	fmt.Fprintf(w, "The data folder is encrypted. Its recovery code is\n\n    %s\n\n"+
		"Write it down and keep it away from this computer: it is not shown again, and nothing else opens the folder when keyring or passphrase are lost.\n", code)
}

func (e *environment) recoveryCommand() *cobra.Command {
	return &cobra.Command{
		Use: "recovery", Short: "Make a new recovery code for an encrypted data folder", Args: noArgs,
		Long: "Make a new recovery code for an encrypted data folder. The old one does not open it any more.",
		RunE: func(*cobra.Command, []string) error {
			exists, err := vault.Exists(e.data)
			if err != nil {
				return err
			}
			if !exists {
				return fault.New(fault.NotFound, "command.recovery", "The data folder "+e.data+" is not encrypted and needs no recovery code. To encrypt data, start in a new folder with --encrypt.")
			}
			keys := e.keys()
			code, err := vault.Reissue(e.data, vault.Means{Keyring: keys.Keyring, Passphrase: keys.Passphrase, Recovery: keys.Recovery}, rand.Reader)
			if err != nil {
				return err
			}
			return e.print(map[string]string{"recovery": code}, func(w io.Writer) { showRecovery(w, code) })
		},
	}
}

package program

import (
	"os"

	"holdfast/app/vault"
	"holdfast/backend/core/fault"
	"holdfast/backend/store"
)

// Keys is what opens an encrypted data folder, or encrypts a new one.
type Keys struct {
	Keyring    vault.Keyring // nil: this computer has none
	Passphrase string        // set: used in place of the keyring
	Again      string        // the passphrase once more, to make it the folder's new one beside Recovery
	Recovery   string        // the recovery code; set: used in place of the others
}

func (k Keys) means() vault.Means {
	return vault.Means{Keyring: k.Keyring, Passphrase: k.Passphrase, Again: k.Again, Recovery: k.Recovery}
}

// unlock gets the key of an encrypted folder; a plain one has none. A folder that needed its recovery code opens without it from now on where that can be done, but never with a
// passphrase that may be mistyped: then it stays shut.
func (p *Program) unlock() error {
	exists, err := vault.Exists(p.config.Data)
	if err != nil || !exists {
		return err
	}
	means := p.config.Keys.means()
	if p.key, err = vault.Open(p.config.Data, means); err != nil || means.Recovery == "" {
		return err
	}
	err = vault.Renew(p.config.Data, means, p.config.Random)
	if fault.Is(err, vault.PassphraseUnconfirmed) {
		p.key = nil
		return err
	}
	if err != nil {
		p.config.Log.Warn("the folder will need its recovery code at the next start too", "error", err)
	}
	return nil
}

// lock encrypts a new folder when that is wished, and gives its recovery code, "" for a plain folder. A first run that did not end may have left an encrypted store: it is
// gone on with, under a new recovery code, because nobody has seen the first one.
func (p *Program) lock(wished bool) (recovery string, err error) {
	left, err := vault.Exists(p.config.Data)
	if err != nil {
		return "", err
	}
	_, err = os.Stat(p.path("store"))
	stored := err == nil
	switch {
	case left && stored:
		if err := p.unlock(); err != nil {
			return "", err
		}
		return vault.Reissue(p.config.Data, p.config.Keys.means(), p.config.Random)
	case left:
		if err := vault.Discard(p.config.Data); err != nil {
			return "", err
		}
	case wished && stored:
		return "", fault.New(fault.Conflict, "program.lock", "This data folder holds data that is not encrypted, and it stays so. Choose another folder to start with encryption.")
	}
	p.key = nil
	if !wished {
		return "", nil
	}
	p.key, recovery, err = vault.Create(p.config.Data, vault.Wish{Passphrase: p.config.Keys.Passphrase}, p.config.Keys.Keyring, p.config.Random)
	return recovery, err
}

// lockFault says what a store that does not open with this folder's key needs: whoever has the recovery code still needs the vault.
func lockFault(err error) error {
	if !fault.Is(err, store.WrongKey) {
		return err
	}
	return fault.Wrap(err, store.WrongKey, "program.Open", "The data in this folder is encrypted with a key that its file device/vault.json does not hold. Put that file back from a copy of this folder; nothing was lost.")
}

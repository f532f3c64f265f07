package vault

import (
	"errors"

	"github.com/zalando/go-keyring"
)

// System is the keyring of the person who is logged in: Credential Manager on Windows, Keychain on macOS, the Secret Service on Linux.
type System struct{}

const service = "Holdfast"

// Get implements Keyring.
func (System) Get(name string) (string, error) {
	secret, err := keyring.Get(service, name)
	if errors.Is(err, keyring.ErrNotFound) {
		return "", ErrNoSecret
	}
	return secret, err
}

// Set implements Keyring.
func (System) Set(name, secret string) error { return keyring.Set(service, name, secret) }

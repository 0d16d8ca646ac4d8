package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

func unhex(text string, size int) ([]byte, error) {
	out, err := hex.DecodeString(text)
	if err != nil || len(out) != size {
		return nil, fmt.Errorf("malformed hex")
	}
	return out, nil
}

// check: the root is the one committed to, and every slot leads to it.
func (o *opening) check(l *leaf) error {
	key, err1 := unhex(o.CommitKey, 32)
	id, err2 := unhex(o.ID, 16)
	root, err3 := unhex(o.Root, 32)
	if err1 != nil || err2 != nil || err3 != nil || len(o.Slots) == 0 {
		return fmt.Errorf("a malformed opening")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("entente/audit/commitment/1\n" + o.Origin + "\n"))
	mac.Write(id)
	mac.Write(root)
	if base64.StdEncoding.EncodeToString(mac.Sum(nil)) != l.Commit {
		return fmt.Errorf("the opening does not lead to the commitment")
	}
	var want tlog.Hash
	copy(want[:], root)
	for _, s := range o.Slots {
		if err := s.check(want); err != nil {
			return err
		}
	}
	return nil
}

func (s *slot) check(root tlog.Hash) error {
	salt, err := unhex(s.Salt, 32)
	if err != nil || len(s.Name) > 255 || len(s.Value) > 4096 || s.Slot < 0 || s.Slot > 15 {
		return fmt.Errorf("a malformed slot")
	}
	data := append([]byte{}, salt...)
	data = append(data, byte(len(s.Name)))
	data = append(data, s.Name...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(s.Value)))
	data = append(data, s.Value...)
	var proof tlog.RecordProof
	for _, text := range s.Path {
		raw, err := unhex(text, 32)
		if err != nil {
			return err
		}
		var h tlog.Hash
		copy(h[:], raw)
		proof = append(proof, h)
	}
	return tlog.CheckRecord(proof, 16, root, int64(s.Slot), tlog.RecordHash(data))
}

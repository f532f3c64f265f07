package record

// changesVersion is the first byte of packed history rows.
//
//	1: the first.
const changesVersion = 1

// EncodeChanges gives the packed form of rows of one record's history: what they have in common is written once.
func EncodeChanges(rows []Change) []byte {
	p := packer{body: make([]byte, 0, 256)}
	p.uint(uint64(len(rows)))
	action, commit := "", uint64(0)
	for i := range rows {
		c := &rows[i]
		p.origin(Origin{Edit: c.Edit, Author: c.Author, At: c.At})
		p.text(c.Field)
		p.value(c.From)
		p.value(c.To)
		p.result(c.Result)
		if c.Action == action && c.Commit == commit && i > 0 {
			p.byte(0)
			continue
		}
		p.byte(1)
		p.text(c.Action)
		p.uint(c.Commit)
		action, commit = c.Action, c.Commit
	}
	return p.bytes(changesVersion)
}

// DecodeChanges reads what EncodeChanges wrote, or the general encoding of the same rows (fault.Corrupt otherwise). Values are parts of raw: the
// caller changes neither.
func DecodeChanges(raw []byte) ([]Change, error) {
	if len(raw) > 0 && raw[0]>>5 == majorArray {
		return decodePlainChanges(raw)
	}
	u := newUnpacker(raw, changesVersion)
	rows := make([]Change, u.count(6))
	action, commit := "", uint64(0)
	for i := range rows {
		o := u.origin()
		rows[i] = Change{Edit: o.Edit, Author: o.Author, At: o.At, Field: u.text(), From: u.value(), To: u.value(), Result: u.result()}
		if u.byte() == 1 {
			action, commit = u.text(), u.uint()
		}
		rows[i].Action, rows[i].Commit = action, commit
	}
	if u.broken || len(u.rest) != 0 {
		return nil, errDamaged("record.DecodeChanges")
	}
	return rows, nil
}

// decodePlainChanges reads rows in CBOR, as stores hold them that were written before rows were packed. No version byte looks like their first.
func decodePlainChanges(raw []byte) ([]Change, error) {
	var rows []Change
	if decMode.Unmarshal(raw, &rows) != nil {
		return nil, errDamaged("record.DecodeChanges")
	}
	return rows, nil
}

package exchange

import (
	"time"

	"github.com/goccy/go-yaml"
)

// logMappingFile is LogMapping as its YAML file has it.
type logMappingFile struct {
	Missing    string            `yaml:"missing"`
	DateLayout string            `yaml:"date_layout"`
	Zone       string            `yaml:"zone"`
	Number     string            `yaml:"number"`
	Step       string            `yaml:"step"`
	StepAt     string            `yaml:"step_at"`
	StepBy     string            `yaml:"step_by"`
	OpenedAt   string            `yaml:"opened_at"`
	OpenedBy   string            `yaml:"opened_by"`
	State      string            `yaml:"state"`
	States     map[string]string `yaml:"states"`
	Title      []string          `yaml:"title"`
	Fields     []logFieldFile    `yaml:"fields"`
	Facts      []string          `yaml:"facts"`
}

type logFieldFile struct {
	Column string            `yaml:"column"`
	Field  string            `yaml:"field"`
	Kind   string            `yaml:"kind"`
	Values map[string]string `yaml:"values"`
}

// ParseLogMapping reads a mapping of incident logs from YAML. What is wrong is named with its line.
func ParseLogMapping(text string) (LogMapping, error) {
	var file logMappingFile
	if err := yaml.UnmarshalWithOptions([]byte(text), &file, yaml.Strict()); err != nil {
		return LogMapping{}, unreadable("The mapping cannot be read: "+yaml.FormatError(err, false, false), err)
	}
	zone, err := time.LoadLocation(file.Zone)
	if err != nil {
		return LogMapping{}, unreadable("The mapping names a time zone that does not exist: "+file.Zone+".", err)
	}
	m := LogMapping{
		Missing: file.Missing, DateLayout: file.DateLayout, Zone: zone, Number: file.Number, Step: file.Step, StepAt: file.StepAt, StepBy: file.StepBy,
		OpenedAt: file.OpenedAt, OpenedBy: file.OpenedBy, StateField: file.State, States: file.States, Title: file.Title, Facts: file.Facts,
	}
	for _, field := range file.Fields {
		m.Fields = append(m.Fields, LogField(field))
	}
	return m, nil
}

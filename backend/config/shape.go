package config

// ShapeType says what may stand in a place of a file.
type ShapeType string

// The types.
const (
	ShapeObject  ShapeType = "object"
	ShapeList    ShapeType = "list"
	ShapeMap     ShapeType = "map" // names of one's own choice, each with an Item
	ShapeText    ShapeType = "text"
	ShapeInteger ShapeType = "integer"
	ShapeFlag    ShapeType = "flag"   // true or false
	ShapeChoice  ShapeType = "choice" // one of Choices
)

// Shape describes what may stand in a place of a file, for the check and for the editor.
type Shape struct {
	Type    ShapeType `json:"type"`
	Means   string    `json:"means,omitempty"`
	Fields  []Field   `json:"fields,omitempty"`
	Item    *Shape    `json:"item,omitempty"`
	Choices []string  `json:"choices,omitempty"`
}

// Field is one entry of an object.
type Field struct {
	Name     string `json:"name"`
	Required bool   `json:"required"`
	Shape    Shape  `json:"shape"`
}

func group(means string, fields ...Field) Shape {
	return Shape{Type: ShapeObject, Means: means, Fields: fields}
}
func list(means string, item Shape) Shape { return Shape{Type: ShapeList, Means: means, Item: &item} }
func mapOf(means string, item Shape) Shape {
	return Shape{Type: ShapeMap, Means: means, Item: &item}
}
func text(means string) Shape    { return Shape{Type: ShapeText, Means: means} }
func integer(means string) Shape { return Shape{Type: ShapeInteger, Means: means} }
func flag(means string) Shape    { return Shape{Type: ShapeFlag, Means: means} }
func choice(means string, choices ...string) Shape {
	return Shape{Type: ShapeChoice, Means: means, Choices: choices}
}

func must(name string, shape Shape) Field { return Field{name, true, shape} }
func may(name string, shape Shape) Field  { return Field{name, false, shape} }

func (s *Shape) field(name string) (Shape, bool) {
	for _, f := range s.Fields {
		if f.Name == name {
			return f.Shape, true
		}
	}
	return Shape{}, false
}

func (s *Shape) names() []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

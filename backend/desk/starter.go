package desk

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"path"
	"strings"

	"github.com/goccy/go-yaml"

	"holdfast/backend/catalog"
	"holdfast/backend/core/fault"
	"holdfast/backend/knowledge"
	"holdfast/backend/people"
	"holdfast/backend/record"
	"holdfast/backend/ticket"
)

// starterFiles are the services, teams, articles and sample tickets that a new site may begin with.
//
//go:embed starter/*.yaml starter/articles/*.md
var starterFiles embed.FS

type starterTeam struct{ Key, Title, Description string }

type starterService struct {
	Key, Title, Category, Team, Provider, Currency, Description, Features string

	PriceModel      string `yaml:"price_model"`
	ContinuityClass string `yaml:"continuity_class"`
	Price           int64
	DependsOn       []string `yaml:"depends_on"`
}

type starterTicket struct {
	Kind, Title, Description, Service, Team, Impact, Urgency, Channel, Category string

	Tags []string
}

type starterArticle struct {
	Title, Category string
	Services, Tags  []string
	Body            string `yaml:"-"`
}

// starter collects the creations of the pack and the ids that its keys stand for.
type starter struct {
	desk     *Desk
	actor    Actor
	teams    map[string]record.ID
	services map[string]record.ID
	drafts   []record.Draft
}

// AddStarterPack makes the teams, services and articles of the starter pack and, with samples, a few tickets to try things with. It gives the
// edits.
func (d *Desk) AddStarterPack(ctx context.Context, actor Actor, samples bool) ([]record.EditID, error) {
	s := &starter{desk: d, actor: actor, teams: map[string]record.ID{}, services: map[string]record.ID{}}
	steps := []func() error{s.addTeams, s.addServices, s.addArticles}
	if samples {
		steps = append(steps, s.addTickets)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return d.store.Append(ctx, s.drafts...)
}

func (s *starter) add(c Creation) (record.ID, error) {
	draft, id, err := s.desk.DraftOf(s.actor, c)
	if err != nil {
		return record.ID{}, err
	}
	s.drafts = append(s.drafts, draft)
	return id, nil
}

func (s *starter) addTeams() error {
	teams, err := readStarter[starterTeam]("teams.yaml")
	if err != nil {
		return err
	}
	for _, team := range teams {
		s.teams[team.Key], err = s.add(Creation{Kind: people.Team, Fields: map[string]record.Value{
			people.FieldTitle: record.Text(team.Title), "description": record.Text(team.Description), people.FieldSite: record.Text(s.actor.Site),
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *starter) addServices() error {
	services, err := readStarter[starterService]("services.yaml")
	if err != nil {
		return err
	}
	for _, service := range services {
		if s.services[service.Key], err = s.desk.newID(); err != nil {
			return err
		}
	}
	for _, service := range services {
		_, err := s.add(Creation{ID: s.services[service.Key], Kind: catalog.Service, Fields: map[string]record.Value{
			catalog.FieldTitle: record.Text(service.Title), "category": record.Text(service.Category), "provider": record.Text(service.Provider),
			"price_model": record.Text(service.PriceModel), "price": record.Integer(service.Price), "currency": record.Text(service.Currency),
			catalog.FieldContinuityClass: record.Text(service.ContinuityClass), catalog.FieldTeam: record.Ref(s.teams[service.Team]),
			catalog.FieldDescription: record.Text(service.Description), "features": record.Text(service.Features),
		}, Elements: map[string][]record.Value{"depends_on": s.refs(service.DependsOn)}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *starter) addArticles() error {
	entries, err := starterFiles.ReadDir("starter/articles")
	if err != nil {
		return err
	}
	for _, file := range entries {
		article, err := readArticle(path.Join("starter/articles", file.Name()))
		if err != nil {
			return err
		}
		_, err = s.add(Creation{Kind: knowledge.Article, Fields: map[string]record.Value{
			knowledge.FieldTitle: record.Text(article.Title), knowledge.FieldBody: record.Text(article.Body),
			"category": record.Text(article.Category), "owner": record.Ref(s.actor.Person),
		}, Elements: map[string][]record.Value{"services": s.refs(article.Services), "tags": texts(article.Tags)}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *starter) addTickets() error {
	tickets, err := readStarter[starterTicket]("tickets.yaml")
	if err != nil {
		return err
	}
	for _, t := range tickets {
		_, err := s.add(Creation{Kind: t.Kind, Fields: map[string]record.Value{
			ticket.FieldTitle: record.Text(t.Title), ticket.FieldDescription: record.Text(t.Description),
			ticket.FieldService: record.Ref(s.services[t.Service]), ticket.FieldTeam: record.Ref(s.teams[t.Team]),
			ticket.FieldImpact: record.Text(t.Impact), ticket.FieldUrgency: record.Text(t.Urgency),
			ticket.FieldChannel: record.Text(t.Channel), ticket.FieldCategory: record.Text(t.Category), ticket.FieldCaller: record.Ref(s.actor.Person),
		}, Elements: map[string][]record.Value{ticket.FieldTags: texts(t.Tags)}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *starter) refs(keys []string) []record.Value {
	var values []record.Value
	for _, key := range keys {
		values = append(values, record.Ref(s.services[key]))
	}
	return values
}

func texts(words []string) []record.Value {
	var values []record.Value
	for _, word := range words {
		values = append(values, record.Text(word))
	}
	return values
}

func readStarter[T any](name string) ([]T, error) {
	raw, err := starterFiles.ReadFile("starter/" + name)
	if err != nil {
		return nil, err
	}
	var list []T
	return list, yaml.UnmarshalWithOptions(raw, &list, yaml.Strict())
}

// readArticle reads a Markdown file whose head, between two lines of dashes, is YAML.
func readArticle(name string) (starterArticle, error) {
	raw, err := starterFiles.ReadFile(name)
	if err != nil {
		return starterArticle{}, err
	}
	parts := bytes.SplitN(raw, []byte("---\n"), 3)
	if len(parts) != 3 {
		return starterArticle{}, fault.New(fault.Internal, "desk.readArticle", fmt.Sprintf("The article %s of the starter pack has no head.", name))
	}
	var article starterArticle
	err = yaml.UnmarshalWithOptions(parts[1], &article, yaml.Strict())
	article.Body = strings.TrimSpace(string(parts[2])) + "\n"
	return article, err
}

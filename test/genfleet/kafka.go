package genfleet

import "fmt"

// The draws of this file keep their order: it is part of the output.

func (a author) writeKafka() {
	if a.chance(0.18) {
		a.base.set("kafkaResources", a.kafkaResources())
	}
	if a.chance(0.2) {
		var streams sequence
		for i, n := 0, a.between(1, 2); i < n; i++ {
			streams = append(streams, a.fleet.stream(a.service, a.idx, i))
		}
		a.base.set("eventStreams", streams)
	}
}

func (a author) kafkaResources() *mapping {
	k := &mapping{}
	var topics sequence
	for i := a.between(1, 3); i > 0; i-- {
		t := mapOf("name", fmt.Sprintf("%s.topic-%d", a.dir, i), "partitions", a.between(1, 48), "replicas", 3)
		if a.chance(0.6) {
			t.set("config", a.retention(200))
		}
		topics = append(topics, t)
	}
	k.set("topics", topics)
	if a.chance(0.5) {
		topic := a.dir + ".topic-1"
		k.set("users", sequence{mapOf("name", a.dir, "acls", sequence{topicACL(topic, "Write"), topicACL(topic, "Read")})})
	}
	return k
}

func topicACL(topic, operation string) *mapping {
	return mapOf("resourceName", topic, "resourceType", "topic", "patternType", "literal", "operation", operation, "host", "*")
}

// retention keeps messages for up to the given number of hours.
func (r rng) retention(hours int) *mapping {
	return mapOf("retention.ms", fmt.Sprint(3600000*r.between(1, hours)), "segment.bytes", "1073741824")
}

// stream is the nth event stream, from 0, of s, which is at idx of f.names.
func (f *fleet) stream(s *service, idx, nth int) *mapping {
	name := s.dir + "-events"
	if nth > 0 {
		name = fmt.Sprintf("%s-%d", name, nth+1)
	}
	stream := mapOf("name", name)
	if consumers := f.earlier(s.rng, idx, 2); len(consumers) > 0 {
		stream.set("producers", sequence{s.dir})
		stream.set("consumers", texts(consumers))
	}
	var definitions sequence
	for i := s.between(1, 3); i > 0; i-- {
		definitions = append(definitions, mapOf("key", fmt.Sprintf("schema_key_%d", i), "value", fmt.Sprintf("schema_value_%d", i)))
	}
	stream.set("eventDefinitions", definitions)
	if s.chance(0.5) {
		stream.set("config", s.retention(48))
	}
	return stream
}

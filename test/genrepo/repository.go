package genrepo

// repository is all units, in the order in which they were made.
type repository []*unit

// newRepository makes n units: a fifth are modules, three of ten queues, the others services.
func newRepository(r rng, n int) (all repository) {
	var modules, queues, services []*unit
	for i := range max(1, n/5) {
		modules = append(modules, newModule(r, i, modules))
	}
	for i := range max(1, 3*n/10) {
		queues = append(queues, newQueue(r, i))
	}
	for i := range n - len(modules) - len(queues) {
		reads := pick(r, queues).name
		if r.IntN(3) == 0 {
			reads = output(r.IntN(len(modules)))
		}
		services = append(services, newService(r, i, services, reads))
	}
	for _, q := range queues {
		owner := pick(r, services)
		if !owner.everywhere() {
			owner = services[0]
		}
		q.main.set("owner: ", owner.name)
	}
	return append(append(services, queues...), modules...)
}

// spoil makes n mistakes, or fewer where there are too few units that can have one, and says
// what is found. They take turns in an order that depends on the seed.
func (all repository) spoil(r rng, n int) (found []Finding) {
	free := map[string][]*unit{}
	for _, i := range r.Perm(len(all)) {
		free[all[i].kind] = append(free[all[i].kind], all[i])
	}
	for made := true; made; {
		made = false
		for _, i := range r.Perm(len(defects)) {
			d := defects[i]
			units := free[d.kind]
			if n == 0 || len(units) < d.takes {
				continue
			}
			free[d.kind] = units[d.takes:]
			found = append(found, d.inject(units[:d.takes])...)
			n, made = n-1, true
		}
	}
	return found
}

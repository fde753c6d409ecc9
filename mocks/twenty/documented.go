package twenty

// asDocumented is the switch for the three things that the vendor's documentation and its server say differently.
const asDocumented = "asDocumented"

func (t *api) documented() bool { return t.World().Feature(asDocumented) }

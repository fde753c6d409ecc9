package ui

import "net/url"

// stories lists the stories and those that are played.
func (c *request) stories() (data, error) { return c.get("/stories") }

// story shows a story in the world of the page as a time line.
func (c *request) story() (data, error) {
	d, err := c.get("/stories/" + url.PathEscape(c.r.PathValue("story")) + "?world=" + url.QueryEscape(c.world))
	if err != nil {
		return nil, err
	}
	d["started"] = d.text("world") != ""
	d["more"] = d.text("state") == "ready" || d.text("state") == "waiting"
	return d, nil
}

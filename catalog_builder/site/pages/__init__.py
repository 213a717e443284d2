"""One module per kind of page. Each makes a view from the site and hands it to its template."""

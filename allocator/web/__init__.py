"""The page of ``bosett serve``: the URL is the state, and a request opens no file."""

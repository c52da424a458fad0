"""The service's own versioned texts: wordings of replies now, prompts for models when one is configured."""

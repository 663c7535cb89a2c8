"""One alarm family, one file. A watch looks, and answers with an alarm code or 0; it never acts."""

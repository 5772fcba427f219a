#!/usr/bin/env node
import '../dist/books/main.js';

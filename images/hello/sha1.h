// SHA-1 and base64, only as much as the WebSocket handshake needs.
#pragma once
#include <stddef.h>

// Writes the base64 of the SHA-1 of the text (at most 119 bytes) as 28 characters and a NUL.
void sha1_base64(const char *text, size_t length, char out[29]);

#pragma once

int forward_ports(const char *space, const char *where);

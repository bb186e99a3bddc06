"""rawlab beside other tools: scapy's and dpkt's packets, and declarations for other programs."""

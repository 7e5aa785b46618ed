module hookproof.example/peer

go 1.19

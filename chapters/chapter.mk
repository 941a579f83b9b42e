# What `make` can do inside a chapter's folder. Each target is the same one of
# the Makefile at the top, for this chapter: `make run` here is there
# `make run CH=03`. The chapter's own Makefile says which number it has.

.PHONY: chapter run test diff trace bench exercises help
.DEFAULT_GOAL := chapter

chapter run test diff trace bench exercises:
	@$(MAKE) --no-print-directory -C ../.. $@ CH=$(CH) $(if $(P),P=$(P)) \
	  $(if $(PLAY),PLAY=$(PLAY)) $(if $(ARGS),ARGS='$(ARGS)')

help:
	@echo "make        build this chapter's programs"
	@echo "make run    run its server (P=name: a variation; ARGS='--port 0')"
	@echo "make test   run its tests, the hostile clients among them"
	@echo "make trace  record a run of your own, open it (PLAY=name: only that)"
	@echo "make diff   what it changes in the chapter before"
	@echo "make bench  measure it on this machine, beside what it is compared with"
	@echo "make exercises  what there is to do in this chapter"

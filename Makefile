# `make book` is `python3 tools/make.py book`, and so is every other command: that program does the
# work, on systems without make too. Words after a command: make book ARGS="--all -W".
PYTHON ?= python3
COMMANDS := book lab test unit links test-bare test-oldest pdf zip serve lint run-chapters new-chapter \
	set-repository wheel lock clean

.PHONY: $(COMMANDS) chapters help
.DEFAULT_GOAL := book

$(COMMANDS):
	@$(PYTHON) tools/make.py $@ $(ARGS)

new-chapter: ARGS = $(NAME)
set-repository: ARGS = $(URL)

chapters: run-chapters

help:
	@$(PYTHON) tools/make.py --help

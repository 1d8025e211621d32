# Everything a person runs. `make help` lists it.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
ROOMS := bot dialogue faq nlu service stats web
.DEFAULT_GOAL := help
.PHONY: help setup run nlu booklet test check fix bench demo-data lock environments environments-dev

help:  ## Liệt kê các lệnh
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

environments:
	@$(PYTHON) service/environments.py

environments-dev:
	@$(PYTHON) service/environments.py --dev

setup: environments  ## Tạo hai môi trường Python, huấn luyện mô hình, nạp bộ hỏi đáp
	@$(BIN)/python -m service setup

run: environments  ## Chạy cả dịch vụ trên máy này (tự làm phần setup còn thiếu)
	@exec $(BIN)/python -m service run

nlu: environments  ## Chỉ chạy máy hiểu ngôn ngữ, ở địa chỉ NLU_URL
	@exec $(BIN)/python -m service nlu

booklet: environments  ## In mọi câu trả lời thành một tệp PDF và một tệp HTML, vào var/booklet
	@$(BIN)/python -m faq booklet

test: environments-dev  ## Chạy các bài kiểm tra
	@$(BIN)/python -m pytest

check: environments-dev  ## Như CI: định dạng, lỗi, kiểu, chiều phụ thuộc, bộ hỏi đáp, bài kiểm tra
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m faq check
	@$(MAKE) --no-print-directory test

fix:  ## Tự sửa định dạng và lỗi nhỏ
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: environments-dev  ## In các bảng đo
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench statistics
	@RECOUNT_EXAMPLES=500 $(BIN)/python -m pytest -q tests/stats/test_recount.py
	@SAMENESS_EXAMPLES=500 $(BIN)/python -m pytest -q -n0 -s tests/web/test_same_everywhere.py

demo-data: environments  ## Tạo dữ liệu giả của một năm vào var/demo.db (thêm: DEMO="--days 730 --per-day 300")
	@$(BIN)/python -m stats demo-data $(DEMO)

lock: environments-dev  ## Tính lại các tệp requirements*.txt từ *.in
	@$(BIN)/uv pip compile requirements.in --python-version 3.11 --universal --generate-hashes --no-header -q -o requirements.txt
	@$(BIN)/uv pip compile requirements-dev.in --python-version 3.11 --universal --generate-hashes --no-header -q -o requirements-dev.txt
	@$(BIN)/uv pip compile nlu/server/requirements.in --python-version 3.10 --generate-hashes --no-header -q -o nlu/server/requirements.txt

# How libkubecr.so is built for release and installed. Included by the Makefile; not for tests (Tests/steps) or the bench.
#
#   make release [JOBS=N]
#   make install [PREFIX=/usr/local] [DESTDIR=] [LIBDIR=$(PREFIX)/lib] [INCLUDEDIR=$(PREFIX)/include]

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
JOBS ?= $(shell nproc)

version := $(shell sed -n 's/.*constant: StaticString = "\(.*\)"$$/\1/p' Sources/KubeClient/Version.swift)
abi := $(shell sed -n 's/^\#define KCR_ABI \([0-9]*\)$$/\1/p' include/kubecr.h)
release_scratch := .build-release/swift
release_library := .build-release/libkubecr.so.$(version)
# Everything that the library is made of; SwiftPM itself does not notice a changed header or version script.
release_inputs := Package.swift include/kubecr.h packaging/release.mk packaging/symbol.order $(shell find Sources -type f)
fill_in = sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(LIBDIR)|' -e 's|@includedir@|$(INCLUDEDIR)|' \
	-e 's|@version@|$(version)|' -e 's|@abi@|$(abi)|'

release: $(release_library)

$(release_library): $(release_inputs)
	@echo 'release: building libkubecr.so $(version), self-contained (a minute or two)'
	@touch Sources/KubeCRABI/Version.swift
	@rm -f $(release_scratch)/*/release/libkubecr.so
	KUBECR_RELEASE=1 swift build -c release -j $(JOBS) --scratch-path $(release_scratch) --disable-local-rpath --product kubecr
	cp "$$(KUBECR_RELEASE=1 swift build -c release --scratch-path $(release_scratch) --show-bin-path)/libkubecr.so" $@
	@touch $@

install: $(release_library)
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBDIR)/cmake/kubecr $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(release_library) $(DESTDIR)$(LIBDIR)/libkubecr.so.$(version)
	ln -sf libkubecr.so.$(version) $(DESTDIR)$(LIBDIR)/libkubecr.so.$(abi)
	ln -sf libkubecr.so.$(abi) $(DESTDIR)$(LIBDIR)/libkubecr.so
	install -m 644 include/kubecr.h $(DESTDIR)$(INCLUDEDIR)/kubecr.h
	$(fill_in) Sources/KubeCRABI/kubecr.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/kubecr.pc
	$(fill_in) packaging/kubecrConfig.cmake.in >$(DESTDIR)$(LIBDIR)/cmake/kubecr/kubecrConfig.cmake
	$(fill_in) packaging/kubecrConfigVersion.cmake.in >$(DESTDIR)$(LIBDIR)/cmake/kubecr/kubecrConfigVersion.cmake
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/kubecr.pc $(DESTDIR)$(LIBDIR)/cmake/kubecr/*.cmake

.PHONY: release install

# The C++ tests: doctest binaries, made into $(BUILD)/tests/.
#
#   unit             common/ as it is
#   contract         what Poller promises: TICK_BACKEND=select|poll|epoll
#   kqueue-contract  the same with TICK_BACKEND=kqueue, on a model of kqueue(2)
#   fake             socket and listener inside a scripted kernel
#
# A binary has the name of a folder of sources, so objects go elsewhere:
#   tests/plain/   compiled as everything else is
#   tests/kqueue/  with <sys/event.h> on the include path
#   tests/faked/   with another common/sys.hpp on the include path

TESTS := $(BUILD)/tests
TEST_SOURCES += $(wildcard tests/fake/*.cpp)

UNIT_OBJECTS := $(patsubst %.cpp,$(TESTS)/plain/%.o,$(wildcard tests/unit/*.cpp) \
                  tests/contract/socket_pair.cpp)
CONTRACT_OBJECTS := $(patsubst %.cpp,$(TESTS)/plain/%.o,\
                      $(wildcard tests/contract/*.cpp))
KQUEUE_OBJECTS := $(patsubst %.cpp,$(TESTS)/kqueue/%.o,$(COMMON_SOURCES) \
                    $(wildcard tests/contract/*.cpp tests/contract/kqueue_model/*.cpp))
FAKE_OBJECTS := $(patsubst %.cpp,$(TESTS)/faked/%.o,$(wildcard tests/fake/*.cpp) \
                  common/socket.cpp common/listener.cpp common/file_descriptor.cpp)

$(TESTS)/plain/%.o: %.cpp $(STAMP)
	@mkdir -p $(@D)
	@echo "  compile  $<"
	@$(COMPILE) -MMD -MP -c $< -o $@

$(TESTS)/kqueue/%.o: %.cpp $(STAMP)
	@mkdir -p $(@D)
	@echo "  compile  $< (kqueue)"
	@$(COMPILE) -isystem tests/contract/kqueue_model -MMD -MP -c $< -o $@

# The fake has to come before -I., so it is named before all other flags.
$(TESTS)/faked/%.o: %.cpp $(STAMP)
	@mkdir -p $(@D)
	@echo "  compile  $< (fake)"
	@$(CXX) -Itests/fake $(ALL_CXXFLAGS) -MMD -MP -c $< -o $@

$(TESTS)/unit: $(UNIT_OBJECTS) $(LIBRARY)
$(TESTS)/contract: $(CONTRACT_OBJECTS) $(LIBRARY)
$(TESTS)/kqueue-contract: $(KQUEUE_OBJECTS)
# What the fake leaves out comes from the library.
$(TESTS)/fake: $(FAKE_OBJECTS) $(LIBRARY)

TEST_BINARIES := $(addprefix $(TESTS)/,unit contract kqueue-contract fake)
$(TEST_BINARIES):
	@echo "  link     $@"
	@$(CXX) $(ALL_LDFLAGS) $(filter %.o %.a,$^) $(LDLIBS) -o $@

tests: $(TEST_BINARIES)

#include "node/cli/person.h"

#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>

#include "crypto/base/secret.h"
#include "crypto/base/status.h"
#include "node/base/file.h"

namespace entente::cli {
namespace {

absl::StatusOr<SecretBytes> FromFile(const std::string& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0)
    return NotFound("the passphrase file cannot be opened");
  if ((info.st_mode & 0077) != 0)
    return Unready("the passphrase file is open to others: `chmod 600` it");
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  SecretBytes out = SecretBytes::CopyOf(AsBytes(line));
  Wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  return out;
}

absl::StatusOr<SecretBytes> Asked() {
  if (isatty(STDIN_FILENO) == 0) {
    return WithNext(Invalid("no terminal to ask for the passphrase"),
                    "give --passphrase-file");
  }
  termios before{};
  tcgetattr(STDIN_FILENO, &before);
  termios quiet = before;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  std::fputs("passphrase: ", stderr);
  tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  std::string line;
  std::getline(std::cin, line);
  tcsetattr(STDIN_FILENO, TCSANOW, &before);
  std::fputs("\n", stderr);
  SecretBytes out = SecretBytes::CopyOf(AsBytes(line));
  Wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  return out;
}

}  // namespace

absl::StatusOr<keys::Sealing> SealingFor(const std::string& passphrase_file) {
  TRY(SecretBytes passphrase,
      passphrase_file.empty() ? Asked() : FromFile(passphrase_file));
  return keys::Sealing::FromPassphrase(std::move(passphrase));
}

absl::StatusOr<keys::Sealing> KeyFileSealing(const std::string& key_file) {
  if (!base::FileExists(key_file)) TRY_OK(keys::Sealing::MakeKeyFile(key_file));
  return keys::Sealing::FromKeyFile(key_file);
}

absl::StatusOr<keys::PersonKey> LoadPerson(const std::string& key_file,
                                           const std::string& passphrase_file) {
  if (key_file.empty()) {
    return WithNext(Invalid("whose command is it? --key is missing"),
                    "give your personal key file, or set ENTENTE_KEY");
  }
  TRY(const keys::SealingKind kind, keys::PersonKey::PeekKind(key_file));
  if (kind == keys::SealingKind::kKey) {
    if (passphrase_file.empty())
      return Invalid(
          "this key file is opened by a key file: name it with "
          "--passphrase-file");
    TRY(const keys::Sealing sealing,
        keys::Sealing::FromKeyFile(passphrase_file));
    return keys::PersonKey::Load(key_file, sealing);
  }
  TRY(const keys::Sealing sealing, SealingFor(passphrase_file));
  return keys::PersonKey::Load(key_file, sealing);
}

}  // namespace entente::cli

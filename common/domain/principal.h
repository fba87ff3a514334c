// Who asks: somebody with a certificate, or a service of a node.
#pragma once

#include <string>

namespace shangda::domain {

struct Principal {
  // A person: `spiffe://<network>/committees/<committee>/users/<person>`.
  std::string committee;
  std::string person;
  // A service: `spiffe://<network>/nodes/<node>/<service>`.
  std::string node;
  std::string service;

  bool is_person() const { return !person.empty(); }

  // As in the log: `committees/350103/users/p0017` or `nodes/350103/intake`.
  std::string Name() const {
    return is_person() ? "committees/" + committee + "/users/" + person
                       : "nodes/" + node + "/" + service;
  }

  // The person's entry: `committees/350103/persons/p0017`.
  std::string Entry() const { return "committees/" + committee + "/persons/" + person; }
};

}  // namespace shangda::domain
